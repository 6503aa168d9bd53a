using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Safetensors;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Tokenizers;

/// <summary>The files beside tokenizer.json.</summary>
public sealed class HuggingFaceTokenizerTests
{
    [Theory]
    [InlineData("""{"chat_template":"from the setting"}""", null, "from the setting")]
    [InlineData("""{"chat_template":[{"name":"tool_use","template":"tools"},{"name":"default","template":"from the list"}]}""", null, "from the list")]
    [InlineData("""{"chat_template":[{"name":"tool_use","template":"tools"}]}""", null, null)]
    [InlineData("""{"chat_template":"from the setting"}""", "from the file", "from the file")]
    [InlineData("""{}""", null, null)]
    public void Read_ChatTemplate_ComesFromItsFileElseTheSetting(string settings, string? file, string? expected)
    {
        using TemporaryFolder folder = Folder("qwen2").With("tokenizer_config.json", settings);
        _ = file is null ? folder : folder.With("chat_template.jinja", file);
        Assert.Equal(expected, HuggingFaceTokenizer.Read(folder.Path).ChatTemplate);
    }

    [Theory]
    [InlineData("""{"eos_token_id":[508,506]}""", """{"eos_token_id":507}""", new[] { 506, 508 })]
    [InlineData("""{}""", """{"eos_token_id":507}""", new[] { 507 })]
    [InlineData("""{"eos_token_id":null}""", """{"eos_token_id":null}""", new int[0])]
    public void Read_Ends_ComeFromGenerationConfigElseConfig(string generation, string config, int[] ends)
    {
        using TemporaryFolder folder = Folder("qwen2").With("generation_config.json", generation).With("config.json", config);
        Assert.Equal(ends, HuggingFaceTokenizer.Read(folder.Path).Ends);
    }

    [Fact]
    public void Read_SpecialTokenAsObject_IsItsContent()
    {
        using TemporaryFolder folder = Folder("qwen2").With("tokenizer_config.json", """{"eos_token":{"content":"<|im_end|>","lstrip":false},"bos_token":null}""");
        ModelTokenizer sut = HuggingFaceTokenizer.Read(folder.Path);
        Assert.Equal(("", "<|im_end|>"), (sut.BeginText, sut.EndText));
        Assert.Equal([508], sut.Ends);
    }

    [Fact]
    public void Read_AddBosWithoutPostProcessor_PutsItInFront()
    {
        string tokenizer = File.ReadAllText(Fixture.Path("mistral-swa/tokenizer.json"));
        int from = tokenizer.IndexOf("\"post_processor\"", StringComparison.Ordinal), to = tokenizer.IndexOf("\"decoder\"", StringComparison.Ordinal);
        using TemporaryFolder folder = new TemporaryFolder()
            .With("tokenizer.json", tokenizer.Remove(from, to - from))
            .With("tokenizer_config.json", """{"add_bos_token":true,"bos_token":"<s>"}""");
        Assert.Equal([1], HuggingFaceTokenizer.Read(folder.Path).Prefix);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"bos_token":7}""", "bos_token")]
    [InlineData("tokenizer_config.json", """{"bos_token":{}}""", "bos_token.content")]
    [InlineData("tokenizer_config.json", """{"chat_template":{}}""", "chat_template")]
    [InlineData("generation_config.json", """{"eos_token_id":"x"}""", "eos_token_id")]
    [InlineData("generation_config.json", """{"eos_token_id":[1,-2]}""", "eos_token_id")]
    public void Read_WrongValue_NamesFileAndField(string file, string content, string field)
    {
        using TemporaryFolder folder = Folder("qwen2").With(file, content);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => HuggingFaceTokenizer.Read(folder.Path));
        Assert.Equal((Path.Combine(folder.Path, file), field), (error.File, error.Field));
    }

    [Fact]
    public void Encode_PromptAroundTrimmingTokens_LosesTheSpaceBesideThem()
    {
        string tokenizer = File.ReadAllText(Fixture.Path("qwen2/tokenizer.json")).Replace("\"rstrip\": false", "\"rstrip\": true", StringComparison.Ordinal).Replace("\"rstrip\":false", "\"rstrip\":true", StringComparison.Ordinal);
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", tokenizer);
        ModelTokenizer sut = HuggingFaceTokenizer.Read(folder.Path);
        var prompt = new ChatPrompt([new PromptSegment("<|im_start|>\n", true), new PromptSegment(" hi ", false), new PromptSegment("<|im_end|>\n", true)]);
        var expected = new List<int> { 507 };
        sut.Tokenizer.Encode("hi ", false, expected);
        Assert.Equal([.. expected, 508], new PromptEncoder(sut.Tokenizer).Encode(prompt));
    }

    private static TemporaryFolder Folder(string model) => new TemporaryFolder().With("tokenizer.json", File.ReadAllBytes(Fixture.Path(model + "/tokenizer.json")));
}
