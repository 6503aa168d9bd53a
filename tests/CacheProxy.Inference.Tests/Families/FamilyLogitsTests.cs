using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>
/// Every family against float32 references: prompts of 1 to 300 tokens, the choice at each position, 32 greedy tokens. Of a model of plain
/// floats all of it must be equal; block formats round activations to 8 bit, which moves these models' logits by up to 0.55.
/// </summary>
public sealed class FamilyLogitsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("llama-gqa-rope3")]
    [InlineData("llama-mqa")]
    [InlineData("mistral-swa")]
    [InlineData("qwen2")]
    [InlineData("qwen2-gguf/model-bf16.gguf")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    [InlineData("phi3-longrope")]
    [InlineData("olmo2")]
    [InlineData("granite")]
    [InlineData("smollm3")]
    public void Logits_PlainFloats_AreTheReferences(string model)
    {
        using ICheckpoint checkpoint = TinyFolder.Open(model);
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        GoldenDifference difference = GoldenDifference.Measure(runner, TinyFolder.ReadGolden(model), rounded: false);
        output.WriteLine($"{model}: {difference}");
        difference.AssertWithin(rounded: false);
    }

    [Theory]
    [InlineData("granite-gguf/model-q8_0.gguf")]
    [InlineData("qwen3-gguf/model-q8_0.gguf")]
    [InlineData("phi3-gguf/model-q8_0.gguf")]
    public void Logits_RoundedActivations_AreNear(string model)
    {
        using ICheckpoint checkpoint = TinyFolder.Open(model);
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        GoldenDifference difference = GoldenDifference.Measure(runner, TinyFolder.ReadGolden(model), rounded: true);
        output.WriteLine($"{model}: {difference}");
        difference.AssertWithin(rounded: true);
    }

    [Theory]
    [InlineData("mistral-swa")]
    [InlineData("qwen2")]
    [InlineData("qwen3-gguf/model-q8_0.gguf")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3-longrope")]
    [InlineData("olmo2")]
    [InlineData("granite-gguf/model-q8_0.gguf")]
    [InlineData("smollm3")]
    public void Prefill_AnyChunking_IsTheSameToTheBit(string model)
    {
        using ICheckpoint checkpoint = TinyFolder.Open(model);
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        int[] tokens = ModelDriver.RandomTokens(150, 11, 500);
        float[] whole = runner.Prefill(tokens, ModelDriver.Blocks(0, 150), total: 150);
        foreach (int chunk in (int[])[1, 7, 64])
        {
            Assert.Equal(whole, runner.Prefill(tokens, ModelDriver.Blocks(12, 150), chunk: chunk, total: 150));
        }
    }
}
