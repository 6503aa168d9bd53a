using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Weights;

/// <summary>
/// Every weight format against float32 references, twice: dequantised, where nothing but the summation order may differ, and in the form that
/// it is served in, where blocks make the products round their inputs to 8 bit.
/// </summary>
public sealed class FormatLogitsTests(ITestOutputHelper output)
{
    public static TheoryData<string, WeightPacking> Formats => new()
    {
        { "llama-gqa-h64-gguf/model-q4_0.gguf", WeightPacking.Bits4 },
        { "llama-gqa-h64-gguf/model-q4_1.gguf", WeightPacking.Bits4 },
        { "llama-gqa-h64-gguf/model-q4_k.gguf", WeightPacking.Bits4 },
        { "llama-gqa-h64-gguf/model-q4_k_m.gguf", WeightPacking.Bits4 },
        { "llama-gqa-h64-gguf/model-q5_0.gguf", WeightPacking.Bits8 },
        { "llama-gqa-h64-gguf/model-q5_1.gguf", WeightPacking.Bits8 },
        { "llama-gqa-h64-gguf/model-q5_k.gguf", WeightPacking.Bits8 },
        { "llama-gqa-h64-gguf/model-q6_k.gguf", WeightPacking.Bits8By16 },
        { "llama-gqa-h64-gguf/model-q8_0.gguf", WeightPacking.Bits8 },
        { "llama-gqa-h64-gptq", WeightPacking.Bits4 },
        { "llama-gqa-gptq-actorder", WeightPacking.Floats },
        { "llama-gqa-gptq-v2", WeightPacking.Bits4 },
        { "llama-gqa-h64-awq", WeightPacking.Bits4 },
        { "llama-gqa-autoround", WeightPacking.Bits4 },
        { "llama-gqa-ct-int8-channel", WeightPacking.Bits8 },
        { "llama-gqa-ct-int8-tensor", WeightPacking.Bits8 },
        { "llama-gqa-ct-w4a16", WeightPacking.Bits4 },
        { "llama-gqa-ct-fp8-channel", WeightPacking.Floats },
        { "llama-gqa-ct-fp8-tensor", WeightPacking.Floats },
        { "llama-gqa-fp8-block", WeightPacking.Floats },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Logits_Dequantised_AreTheReferences(string model, WeightPacking packing)
    {
        using ICheckpoint checkpoint = TinyFolder.Open(model);
        Assert.Equal(packing, checkpoint.Get("blk.0.attn_q.weight").Packing);
        (float largest, float mean, int wrong) = Compare(new FloatCheckpoint(checkpoint), model, tie: 2e-3f);
        Assert.Equal(0, wrong);
        Assert.InRange(largest, 0, 2e-4f);
        Assert.InRange(mean, 0, 5e-5f);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Logits_AsServed_AreNearTheReferences(string model, WeightPacking packing)
    {
        using ICheckpoint checkpoint = TinyFolder.Open(model);
        if (packing != WeightPacking.Floats)
        {
            checkpoint.Get("blk.0.ffn_down.weight").AssertPackedAsDequantized();
            checkpoint.Get("blk.1.attn_k.weight").AssertPackedAsDequantized();
        }

        (float largest, float mean, int wrong) = Compare(checkpoint, model, tie: 0.5f);
        Assert.Equal(0, wrong);
        Assert.InRange(largest, 0, 0.9f);
        Assert.InRange(mean, 0, 0.1f);
    }

    private (float Largest, float Mean, int WrongChoices) Compare(ICheckpoint checkpoint, string model, float tie)
    {
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 20 });
        float largest = 0, mean = 0;
        int wrong = 0, prompts = 0;
        foreach (TinyModels.Golden golden in TinyFolder.ReadGolden(model))
        {
            int tokens = golden.Prompt.Length;
            prompts++;
            runner.Score(golden.Prompt, ModelDriver.Blocks(0, tokens), tokens, (position, logits) =>
            {
                wrong += golden.ArgmaxMargin[position] > tie && TensorPrimitives.IndexOfMax(logits) != golden.Argmax[position] ? 1 : 0;
                if (position == tokens - 1)
                {
                    float[] off = new float[logits.Length];
                    TensorPrimitives.Subtract(logits, golden.LastLogits, off);
                    largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude(off)));
                    mean += TensorPrimitives.SumOfMagnitudes(off) / off.Length;
                }
            });
        }

        Assert.Equal(8, prompts);
        output.WriteLine($"{model}: logits off by {mean / prompts:E2} on average, {largest:E2} at most, {wrong} clear choices wrong");
        return (largest, mean / prompts, wrong);
    }
}
