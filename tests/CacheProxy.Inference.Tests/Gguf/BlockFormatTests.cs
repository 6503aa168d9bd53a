using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Gguf;

/// <summary>Block formats against values of a second implementation that was written from the formats' description.</summary>
public sealed class BlockFormatTests
{
    private sealed record Golden(string Type, string Blocks, float[] Weights);

    public static TheoryData<GgufTensorType, WeightPacking> Formats => new()
    {
        { GgufTensorType.Q5_0, WeightPacking.Bits8 },
        { GgufTensorType.Q5_1, WeightPacking.Bits8 },
        { GgufTensorType.Q4_K, WeightPacking.Bits4 },
        { GgufTensorType.Q5_K, WeightPacking.Bits8 },
        { GgufTensorType.Q6_K, WeightPacking.Bits8By16 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Dequantize_KnownBlocks_IsExact(GgufTensorType type, WeightPacking packing)
    {
        Golden golden = Fixture.ReadLines<Golden>("gguf-blocks.jsonl").Single(line => line.Type == type.ToString());
        using var saved = new TemporaryFile(new GgufWriter().AddTensor("w", type, Convert.FromHexString(golden.Blocks), 256).ToArray());
        using GgufFile file = GgufFile.Open(saved.Path);
        IWeightMatrix sut = file.Get("w");
        Assert.Equal(packing, sut.Packing);
        Assert.Equal(golden.Weights, sut.Dequantize(0), (a, b) => Math.Abs(a - b) <= 1e-6f);
    }

    [Theory]
    [InlineData(GgufTensorType.Q4_0, 18)]
    [InlineData(GgufTensorType.Q4_1, 20)]
    [InlineData(GgufTensorType.Q5_0, 22)]
    [InlineData(GgufTensorType.Q5_1, 24)]
    [InlineData(GgufTensorType.Q8_0, 34)]
    [InlineData(GgufTensorType.Q4_K, 144, 256)]
    [InlineData(GgufTensorType.Q5_K, 176, 256)]
    [InlineData(GgufTensorType.Q6_K, 210, 256)]
    public void Pack_RandomBlocks_SaysTheSameAsDequantize(GgufTensorType type, int blockBytes, int blockWeights = 32)
    {
        const int rows = 3, columns = 512;
        byte[] data = new byte[rows * columns / blockWeights * blockBytes];
        new Random(5).NextBytes(data);
        for (int block = 0; block < data.Length; block += blockBytes)
        {
            // Random halves can be NaN or huge; these are ordinary scales.
            int[] scales = type == GgufTensorType.Q6_K ? [208] : type is GgufTensorType.Q4_0 or GgufTensorType.Q5_0 or GgufTensorType.Q8_0 ? [0] : [0, 2];
            Array.ForEach(scales, at => BitConverter.TryWriteBytes(data.AsSpan(block + at), (Half)(0.01f * (1 + (block % 7)))));
        }

        using var saved = new TemporaryFile(new GgufWriter().AddTensor("w", type, data, columns, rows).ToArray());
        using GgufFile file = GgufFile.Open(saved.Path);
        file.Get("w").AssertPackedAsDequantized();
    }
}
