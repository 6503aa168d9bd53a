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
        Compare(new FloatCheckpoint(checkpoint), model, rounded: false);
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

        Compare(checkpoint, model, rounded: packing != WeightPacking.Floats);
    }

    private void Compare(ICheckpoint checkpoint, string model, bool rounded)
    {
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        GoldenDifference difference = GoldenDifference.Measure(runner, TinyFolder.ReadGolden(model), rounded);
        output.WriteLine($"{model}: {difference}");
        difference.AssertWithin(rounded);
    }
}
