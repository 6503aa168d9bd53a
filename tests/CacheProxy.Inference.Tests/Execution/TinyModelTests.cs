using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>
/// Every weight format, heads of 16 and 64, one or two key heads, tied and untied outputs, scaled rotary frequencies, against float32 references.
/// </summary>
public sealed class TinyModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("llama-gqa-h64-q4_0.gguf", true)]
    [InlineData("llama-gqa-h64-q4_1.gguf", true)]
    [InlineData("llama-gqa-h64-q8_0.gguf", true)]
    [InlineData("llama-gqa-f16.gguf", false)]
    [InlineData("llama-gqa-bf16.gguf", false)]
    [InlineData("llama-gqa-rope3-bf16.gguf", false)]
    [InlineData("llama-mqa-f16.gguf", false)]
    public void Logits_EveryPromptLength_AgreeWithTheReference(string model, bool rounded)
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path(model));
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 32 });
        GoldenDifference difference = GoldenDifference.Measure(runner, TinyModels.Read(model), rounded);
        output.WriteLine($"{model}: {difference}");
        difference.AssertWithin(rounded);
    }

    [Theory]
    [InlineData("llama-gqa-h64-q4_0.gguf")]
    [InlineData("llama-gqa-h64-q4_1.gguf")]
    [InlineData("llama-gqa-h64-q8_0.gguf")]
    [InlineData("llama-gqa-f16.gguf")]
    [InlineData("llama-mqa-f16.gguf")]
    public void Prefill_AnyChunking_IsTheSameToTheBit(string model)
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path(model));
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 64 });
        int[] tokens = ModelDriver.RandomTokens(150, 11, 500);
        float[] whole = runner.Prefill(tokens, ModelDriver.Blocks(0, 150));
        foreach (int chunk in (int[])[1, 5, 64])
        {
            Assert.Equal(whole, runner.Prefill(tokens, ModelDriver.Blocks(20, 150), chunk: chunk));
        }
    }
}
