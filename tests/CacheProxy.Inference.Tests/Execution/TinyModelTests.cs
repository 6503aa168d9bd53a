using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>
/// Every weight format, heads of 16 and 64, one or two key heads, tied and untied outputs, scaled rotary frequencies, against float32 references.
/// </summary>
public sealed class TinyModelTests(ITestOutputHelper output)
{
    /// <summary>Rounding the activations of each product to 8 bit moves these models' logits by up to 0.55, 0.07 on average.</summary>
    private const float RoundedLargest = 0.9f, RoundedMean = 0.1f, RoundedTie = 0.5f;

    private const float PlainLargest = 1e-3f, PlainMean = 1e-4f, PlainTie = 2e-3f;

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
        float largest = 0, mean = 0;
        int prompts = 0, wrong = 0;
        foreach (TinyModels.Golden golden in TinyModels.Read(model))
        {
            runner.Score(golden.Prompt, ModelDriver.Blocks(0, golden.Prompt.Length), golden.Prompt.Length, (position, logits) =>
            {
                bool tie = golden.ArgmaxMargin[position] < (rounded ? RoundedTie : PlainTie);
                wrong += !tie && TensorPrimitives.IndexOfMax(logits) != golden.Argmax[position] ? 1 : 0;
                if (position == golden.Prompt.Length - 1)
                {
                    float[] off = new float[logits.Length];
                    TensorPrimitives.Subtract(logits, golden.LastLogits, off);
                    largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude(off)));
                    mean += TensorPrimitives.SumOfMagnitudes(off) / off.Length;
                    prompts++;
                }
            });
        }

        output.WriteLine($"{model}: logits off by {mean / prompts:E2} on average, {largest:E2} at most, {wrong} clear choices wrong");
        Assert.Equal(8, prompts);
        Assert.Equal(0, wrong);
        Assert.InRange(largest, 0, rounded ? RoundedLargest : PlainLargest);
        Assert.InRange(mean / prompts, 0, rounded ? RoundedMean : PlainMean);
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
