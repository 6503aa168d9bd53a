using System.Buffers.Binary;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Gguf;

public sealed class DequantizeTests
{
    [Fact]
    public void Q4Zero_TwoBlocks_SplitsNibblesByHalves()
    {
        byte[] blocks = [.. Q4Block([2f]), .. Q4Block([-0.5f])];
        float[] weights = Dequantize(GgufTensorType.Q4_0, blocks, 64);
        for (int j = 0; j < 16; j++)
        {
            Assert.Equal((j - 8) * 2f, weights[j]);
            Assert.Equal((15 - j - 8) * 2f, weights[j + 16]);
            Assert.Equal((j - 8) * -0.5f, weights[j + 32]);
        }
    }

    [Fact]
    public void Q4One_Block_AddsItsMinimum()
    {
        float[] weights = Dequantize(GgufTensorType.Q4_1, Q4Block([0.25f, -3f]), 32);
        for (int j = 0; j < 16; j++)
        {
            Assert.Equal((j * 0.25f) - 3f, weights[j]);
            Assert.Equal(((15 - j) * 0.25f) - 3f, weights[j + 16]);
        }
    }

    [Fact]
    public void Q8Zero_Block_IsSigned()
    {
        byte[] block = new byte[34];
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)0.125f);
        for (int j = 0; j < 32; j++)
        {
            block[2 + j] = (byte)(sbyte)((j * 8) - 127);
        }

        float[] weights = Dequantize(GgufTensorType.Q8_0, block, 32);
        Assert.Equal(-127 * 0.125f, weights[0]);
        Assert.Equal(121 * 0.125f, weights[31]);
    }

    [Fact]
    public void HalfAndBrainFloats_KnownBits_AreExact()
    {
        Assert.Equal([1.5f, -2f], Dequantize(GgufTensorType.F16, [0x00, 0x3E, 0x00, 0xC0], 2));
        Assert.Equal([1.5f, -2f], Dequantize(GgufTensorType.BF16, [0xC0, 0x3F, 0x00, 0xC0], 2));
    }

    [Fact]
    public void Dequantize_FormatWithoutCode_NamesTensorAndFormat()
    {
        using var file = new TemporaryFile(new GgufWriter().AddTensor("w", GgufTensorType.Q2_K, new byte[84], 256).ToArray());
        using GgufFile model = GgufFile.Open(file.Path);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => model.Dequantize(model.GetTensor("w"), 0, new float[256]));
        Assert.Contains("w: weights of type Q2_K", error.Message);
    }

    /// <summary>Float16 header values, then bytes whose low nibble is j and high nibble 15 - j.</summary>
    private static byte[] Q4Block(float[] header)
    {
        byte[] block = new byte[(header.Length * 2) + 16];
        for (int i = 0; i < header.Length; i++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(2 * i), (Half)header[i]);
        }

        for (int j = 0; j < 16; j++)
        {
            block[(header.Length * 2) + j] = (byte)(j | ((15 - j) << 4));
        }

        return block;
    }

    private static float[] Dequantize(GgufTensorType type, byte[] data, int count)
    {
        using var file = new TemporaryFile(new GgufWriter().AddTensor("w", type, data, (ulong)count).ToArray());
        using GgufFile model = GgufFile.Open(file.Path);
        float[] weights = new float[count];
        model.Dequantize(model.GetTensor("w"), 0, weights);
        return weights;
    }
}
