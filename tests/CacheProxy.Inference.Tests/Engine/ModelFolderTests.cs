using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Safetensors;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>Models as people download them, from path to text.</summary>
public sealed class ModelFolderTests
{
    private static readonly LanguageModelOptions s_options = new() { Runner = new ModelRunnerOptions { BlockCount = 16 } };

    /// <summary>Plain floats: the answer is the reference's.</summary>
    [Theory]
    [InlineData("llama-gqa", "llama-gqa")]
    [InlineData("mistral-swa", "mistral-swa")]
    [InlineData("qwen2", "qwen2")]
    [InlineData("llama-gqa-gptq-actorder", "llama-gqa")]
    [InlineData("llama-gqa-fp8-block", "llama-gqa")]
    [InlineData("llama-gqa-ct-fp8-channel", "llama-gqa")]
    [InlineData("llama-gqa-ct-fp8-tensor", "llama-gqa")]
    public async Task Answer_FolderOfFloats_IsTheReferences(string model, string tokenizer)
    {
        using TemporaryFolder folder = Assemble(model, tokenizer);
        await using var sut = LanguageModel.Load(folder.Path, s_options);
        TinyModels.Golden golden = TinyFolder.ReadGolden(model).Single(line => line.Prompt.Length == 17);
        (string text, GenerationUsage usage) = await Answer(sut, golden.Prompt, golden.Greedy.Length);
        Assert.Equal((17, golden.Greedy.Length), (usage.PromptTokens, usage.CompletionTokens));
        Assert.Equal(sut.Tokenizer.Decode(golden.Greedy, skipControl: true), text);
    }

    /// <summary>Blocks round activations to 8 bit, so that single tokens may differ.</summary>
    [Theory]
    [InlineData("llama-gqa-autoround", "llama-gqa")]
    [InlineData("llama-gqa-ct-int8-channel", "llama-gqa")]
    [InlineData("llama-gqa-ct-int8-tensor", "llama-gqa")]
    [InlineData("llama-gqa-ct-w4a16", "llama-gqa")]
    [InlineData("llama-gqa-gptq-v2", "llama-gqa")]
    [InlineData("llama-gqa-h64-gptq", "llama-gqa")]
    [InlineData("llama-gqa-h64-awq", "llama-gqa")]
    public async Task Answer_FolderOfBlocks_IsComplete(string model, string tokenizer)
    {
        using TemporaryFolder folder = Assemble(model, tokenizer);
        await using var sut = LanguageModel.Load(folder.Path, s_options);
        (string text, GenerationUsage usage) = await Answer(sut, sut.EncodeText("play some jazz"), 8);
        Assert.Equal(8, usage.CompletionTokens);
        Assert.NotEqual("", text);
    }

    [Theory]
    [InlineData("llama-mqa-f16.gguf")]
    [InlineData("llama-gqa-h64-q4_0.gguf")]
    [InlineData("qwen2-gguf/model-bf16.gguf")]
    [InlineData("phi3-gguf/model-q8_0.gguf")]
    [InlineData("llama-gqa-h64-gguf/model-q4_k_m.gguf")]
    [InlineData("llama-gqa-h64-gguf/model-q5_1.gguf")]
    public async Task Answer_GgufFile_IsComplete(string file)
    {
        await using var sut = LanguageModel.Load(TinyFolder.Find(file), s_options);
        (_, GenerationUsage usage) = await Answer(sut, sut.EncodeText("play some jazz"), 8);
        Assert.Equal(8, usage.CompletionTokens);
    }

    [Fact]
    public async Task Load_Folder_TakesNameTemplateAndBeginFromItsFiles()
    {
        using TemporaryFolder folder = Assemble("mistral-swa", "mistral-swa");
        await using var sut = LanguageModel.Load(folder.Path, s_options);
        Assert.Equal(Path.GetFileName(folder.Path), sut.Name);
        Assert.NotNull(sut.Template);
        Assert.Equal([1, .. sut.Tokenizer.Encode("hello")], sut.EncodeText("hello"));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors")]
    public void Load_FileMissing_NamesFolderAndFile(string missing)
    {
        using TemporaryFolder folder = Assemble("mistral-swa", "mistral-swa");
        File.Delete(Path.Combine(folder.Path, missing));
        ModelFormatException error = Fails(folder.Path);
        Assert.Equal((folder.Path, missing), (error.File, error.Field));
    }

    [Fact]
    public void Load_UnknownArchitecture_NamesIt()
    {
        using TemporaryFolder folder = Assemble("mistral-swa", "mistral-swa");
        string config = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("MistralForCausalLM", "MambaForCausalLM", StringComparison.Ordinal));
        ModelFormatException error = Fails(folder.Path);
        Assert.Equal((config, "architectures"), (error.File, error.Field));
        Assert.Contains("MambaForCausalLM", error.Message);
    }

    [Fact]
    public void Load_ShardMissing_NamesIt()
    {
        using TemporaryFolder folder = Assemble("mistral-swa", "mistral-swa");
        File.Delete(Path.Combine(folder.Path, "model.safetensors"));
        folder.With("model.safetensors.index.json", """{"weight_map":{"model.norm.weight":"model-00001-of-00002.safetensors"}}""");
        Assert.EndsWith("model-00001-of-00002.safetensors", Fails(folder.Path).File);
    }

    [Fact]
    public void Load_OneFileOfAFolder_SaysToGiveTheFolder()
    {
        using TemporaryFolder folder = Assemble("mistral-swa", "mistral-swa");
        Assert.Contains("give the folder", Fails(Path.Combine(folder.Path, "model.safetensors")).Message);
    }

    /// <summary>A tiny model's own files, and a tokenizer's where it has none.</summary>
    private static TemporaryFolder Assemble(string model, string tokenizer)
    {
        var folder = new TemporaryFolder();
        string[] files = [.. Directory.EnumerateFiles(TinyFolder.Find(model, "model.safetensors")), .. Directory.EnumerateFiles(Fixture.Path(tokenizer), "tokenizer*.json")];
        foreach (string file in files.Where(file => !file.EndsWith(".jsonl", StringComparison.Ordinal)).DistinctBy(Path.GetFileName))
        {
            folder.With(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        return folder;
    }

    private static Task<(string Text, GenerationUsage Usage)> Answer(LanguageModel model, int[] prompt, int tokens) => BundledLanguageModel.Collect(model.Submit(
        new GenerationRequest { PromptTokens = prompt, MaxTokens = tokens, IgnoreEndOfSequence = true }, TestContext.Current.CancellationToken));

    private static ModelFormatException Fails(string path) => Assert.Throws<ModelFormatException>(() => LanguageModel.Load(path, s_options));
}
