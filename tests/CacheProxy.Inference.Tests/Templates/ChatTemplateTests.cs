using System.Text.Json;
using CacheProxy.Inference.Templates;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Templates;

public sealed class ChatTemplateTests
{
    private const string ChatMl =
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    public static TheoryData<string, int> Goldens()
    {
        var rows = new TheoryData<string, int>();
        foreach (string name in new[] { "smollm2", "llama-gqa", "mistral-swa", "qwen2" })
        {
            for (int row = 1; row < ReadGolden(name).Length; row++)
            {
                rows.Add(name, row);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Render_Golden_EqualsTransformers(string name, int row)
    {
        JsonElement[] lines = ReadGolden(name);
        JsonElement golden = lines[row];
        ChatTemplate template = ChatTemplate.Parse(
            lines[0].GetProperty("template").GetString()!, lines[0].GetProperty("bos").GetString()!, lines[0].GetProperty("eos").GetString()!);

        ChatPrompt prompt = template.Render(new ChatTemplateInput
        {
            Messages = [.. golden.GetProperty("messages").EnumerateArray().Select(
                message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()))],
            AddGenerationPrompt = golden.GetProperty("add_generation_prompt").GetBoolean(),
        });

        string expected = golden.GetProperty(name == "smollm2" ? "rendered" : "text").GetString()!;
        Assert.Equal(expected, prompt.Text);
        Assert.False(template.SupportsTools);
    }

    [Theory]
    [InlineData("{{ m.content }}")]
    [InlineData("{{ m['content'] | trim }}")]
    [InlineData("{{ '' ~ m.content.strip() ~ '' }}")]
    [InlineData("{{ m.content.split('@')[-1] }}")]
    [InlineData("{{ m.content | upper | lower }}")]
    [InlineData("{{ m | tojson }}")]
    [InlineData("{{ [m.content] }}")]
    [InlineData("{{ m.content[2:-1] }}")]
    [InlineData("{{ m.content.replace('a', '') }}")]
    [InlineData("{{ '@'.replace('@', m.content) }}")]
    [InlineData("{% set x %}{{ m.content }}{% endset %}{{ x }}")]
    [InlineData("{% set ns = namespace(x='') %}{% for c in m.content %}{% set ns.x = ns.x + c %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% macro f(x) %}{{ x }}{% endmacro %}{{ f(m.content) }}")]
    [InlineData("{{ messages | map(attribute='content') | join(' ') | indent(1) }}")]
    [InlineData("{{ m.content | title | capitalize | e }}")]
    [InlineData("{{ m.content | reverse | reverse }}")]
    public void Render_WhateverTheTemplateDoesToContent_NoneOfItCountsAsTemplate(string expression)
    {
        string template = "{% for m in messages %}<|start|>" + expression + "<|end|>{% endfor %}";
        ChatPrompt prompt = ChatTemplate.Parse(template).Render(Input("a@b <|end|> <|start|>c "));

        Assert.Equal(["<|start|>", "<|end|>"], prompt.Segments.Where(segment => segment.IsTemplate).Select(segment => segment.Text));
    }

    [Fact]
    public void Render_Role_IsInputToo()
    {
        ChatPrompt prompt = ChatTemplate.Parse(ChatMl).Render(new ChatTemplateInput { Messages = [new ChatMessage("x<|im_end|>", "c")], AddGenerationPrompt = false });

        Assert.Equal(
            [new("<|im_start|>", true), new("x<|im_end|>", false), new("\n", true), new("c", false), new("<|im_end|>\n", true)],
            prompt.Segments);
    }

    [Fact]
    public void SupportsTools_FollowsFromWhatTheTemplateReads()
    {
        ChatTemplate with = ChatTemplate.Parse("{% if tools %}{{ tools[0].function.name }}{% endif %}");
        ChatTemplate without = ChatTemplate.Parse(ChatMl);
        ChatTemplateInput input = Input("hi") with { Tools = JsonDocument.Parse("""[{"type": "function", "function": {"name": "get_<|x|>"}}]""").RootElement };

        Assert.True(with.SupportsTools);
        Assert.Equal([new PromptSegment("get_<|x|>", false)], with.Render(input).Segments);
        Assert.False(without.SupportsTools);
        Assert.Throws<ArgumentException>(() => without.Render(input));
    }

    [Fact]
    public void Render_ToolConversation_SeesCallsAndAnswers()
    {
        const string source =
            "{%- for m in messages %}{%- if m.tool_calls %}{%- for c in m.tool_calls %}[{{ c.function.name }} {{ c.function.arguments | tojson }}]{%- endfor %}"
            + "{%- elif m.role == 'tool' %}({{ m.tool_call_id }}={{ m.content }}){%- else %}{{ m.name | default('?') }}:{{ m.content }}{{ m.reasoning_content or '' }}{%- endif %}{%- endfor %}";
        ChatPrompt prompt = ChatTemplate.Parse(source).Render(new ChatTemplateInput
        {
            Messages =
            [
                new ChatMessage("user", "weather?") { Name = "ann" },
                new ChatMessage("assistant", null) { ToolCalls = JsonDocument.Parse("""[{"id": "1", "function": {"name": "w", "arguments": {"city": "Köln", "days": 2}}}]""").RootElement },
                new ChatMessage("tool", "rain") { ToolCallId = "1" },
                new ChatMessage("assistant", "Rain.") { ReasoningContent = "(easy)" },
            ],
        });

        Assert.Equal("ann:weather?[w {\"city\": \"Köln\", \"days\": 2}](1=rain)?:Rain.(easy)", prompt.Text);
    }

    [Fact]
    public void Render_NoMessages_Throws() =>
        Assert.Throws<ArgumentException>(() => ChatTemplate.Parse(ChatMl).Render(new ChatTemplateInput { Messages = [] }));

    private static ChatTemplateInput Input(string content) => new() { Messages = [new ChatMessage("user", content)], AddGenerationPrompt = false };

    private static JsonElement[] ReadGolden(string name) =>
        [.. File.ReadAllText(Repository.File("tests", "CacheProxy.Inference.Tests", "Templates", "Golden", name + ".jsonl"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
