using System.Text.Json.Nodes;
using CacheProxy.TestKit;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>A folder with a tiny model of random weights whose chat template teaches tools as Hermes does: what it says is noise, what it is held to is not.</summary>
internal static class ToolModel
{
    public const string Name = "tiny-tools";

    private const string Template = """
        {%- if tools %}{{ '<|im_start|>system\n<tools>' }}{%- for tool in tools %}{{ tool | tojson }}{%- endfor %}{{ '</tools>\nAnswer with <tool_call>{"name": …, "arguments": …}</tool_call><|im_end|>\n' }}{%- endif %}
        {%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' + (message.content or '') + '<|im_end|>\n' }}{%- endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{%- endif %}
        """;

    public static void WriteTo(string folder)
    {
        string source = Repository.File("tests", "CacheProxy.Inference.Tests", "Fixtures", "qwen2");
        foreach (string file in (string[])["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"])
        {
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        }

        JsonNode tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "tokenizer_config.json")))!;
        tokenizer["chat_template"] = Template;
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), tokenizer.ToJsonString());
    }
}
