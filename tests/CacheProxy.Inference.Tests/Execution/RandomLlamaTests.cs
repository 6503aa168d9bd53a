using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Head sizes and group sizes of other models, against a plain double-precision forward pass.</summary>
public sealed class RandomLlamaTests
{
    private static readonly int[] Tokens = [.. ModelDriver.RandomTokens(140, 17, 5000).Select(token => token % RandomLlama.Vocabulary)];

    [Theory]
    [InlineData(2, 2, 16)]
    [InlineData(1, 1, 32)]
    [InlineData(9, 3, 64)]
    [InlineData(8, 2, 64)]
    [InlineData(7, 1, 128)]
    [InlineData(16, 2, 80)]
    [InlineData(3, 3, 48)]
    public void Prefill_AnyHeadLayout_AgreesWithDoublePrecision(int heads, int keyValueHeads, int headSize)
    {
        var model = new RandomLlama(heads, keyValueHeads, headSize, 23);
        using var saved = new TemporaryFile(model.ToGguf());
        using GgufFile file = GgufFile.Open(saved.Path);
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 20 });

        AssertClose(model.Logits(Tokens), runner.Prefill(Tokens, ModelDriver.Blocks(0, 140)), 2e-4);
        float[] chunked = runner.Prefill(Tokens, ModelDriver.Blocks(10, 140), chunk: 9);
        AssertClose(model.Logits(Tokens), chunked, 2e-4);
    }

    [Fact]
    public void Prefill_ProjectionsOfDifferentFormats_AreMultipliedEach()
    {
        var model = new RandomLlama(4, 2, 16, 5);
        using var saved = new TemporaryFile(model.ToGguf("attn_q", "attn_output", "ffn_up"));
        using GgufFile file = GgufFile.Open(saved.Path);
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 10 });

        AssertClose(model.Logits(Tokens), runner.Prefill(Tokens, ModelDriver.Blocks(0, 140)), 0.15);
    }

    private static void AssertClose(double[] expected, float[] actual, double tolerance) =>
        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), 0, tolerance);
}
