using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Safetensors.Quantization;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Safetensors;

/// <summary>Layouts on matrices small enough to write down, and on broken ones.</summary>
public sealed class WeightLayoutTests
{
    private const int Inputs = 32, Outputs = 8;

    /// <summary>Output 8c + i of AWQ lies at this nibble of word c.</summary>
    private static readonly int[] s_awqOrder = [0, 4, 1, 5, 2, 6, 3, 7];

    private static int Code(int input, int output) => ((input * 3) + (output * 5)) % 16;

    [Fact]
    public void Awq_KnownCodes_StandWhereTheKernelWantsThem()
    {
        int[] words = new int[Inputs], zeros = new int[1];
        for (int n = 0; n < Outputs; n++)
        {
            zeros[0] |= (n + 1) << (4 * s_awqOrder[n]);
            for (int k = 0; k < Inputs; k++)
            {
                words[k] |= Code(k, n) << (4 * s_awqOrder[n]);
            }
        }

        IWeightMatrix matrix = Find(new AwqLayout(Inputs), new SafetensorsWriter()
            .Add("m.qweight", words, Inputs, 1).Add("m.qzeros", zeros, 1, 1).Add("m.scales", Scales(), 1, Outputs))!;
        AssertCodes(matrix, (k, n) => Code(k, n) - (n + 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void Gptq_KnownCodes_ZerosShiftedInVersionOne(int shift)
    {
        (int[] words, int[] zeros) = GptqWords();
        IWeightMatrix matrix = Find(new GptqLayout(4, Inputs, shift), new SafetensorsWriter()
            .Add("m.qweight", words, Inputs / 8, Outputs).Add("m.qzeros", zeros, 1, 1).Add("m.scales", Scales(), 1, Outputs))!;
        AssertCodes(matrix, (k, n) => Code(k, n) - (n + shift));
        Assert.Equal((WeightPacking.Bits4, true), (matrix.Packing, matrix.HasOffsets));
        matrix.AssertPackedAsDequantized();
    }

    [Fact]
    public void Gptq_ActivationOrder_TakesEachInputsOwnGroup()
    {
        (int[] words, _) = GptqWords();
        int[] order = [.. Enumerable.Range(0, Inputs).Select(k => k % 2)];
        float[] scales = [.. Enumerable.Range(0, 2 * Outputs).Select(i => 1f + i)];
        IWeightMatrix matrix = Find(new GptqLayout(4, Inputs / 2, 1), new SafetensorsWriter()
            .Add("m.qweight", words, Inputs / 8, Outputs).Add("m.qzeros", new int[2], 2, 1).Add("m.scales", scales, 2, Outputs).Add("m.g_idx", order, Inputs))!;
        Assert.Equal(WeightPacking.Floats, matrix.Packing);
        float[] row = matrix.Dequantize(3);
        Assert.All(Enumerable.Range(0, Inputs), k => Assert.Equal(scales[(k % 2 * Outputs) + 3] * (Code(k, 3) - 1), row[k]));
    }

    [Fact]
    public void Float8_Blocks_MultiplyPartialOnesToo()
    {
        // 0x38 is 1, 0xC0 is -2, 0x7E is 448, 0x01 is 2^-9.
        byte[] codes = [0x38, 0xC0, 0x7E, 0x01, 0x38, 0x38];
        IWeightMatrix matrix = Find(new Float8Layout((1, 2)), new SafetensorsWriter()
            .Add("m.weight", SafetensorsType.F8_E4M3, codes, 2, 3).Add("m.weight_scale_inv", [1f, 2f, 3f, 4f], 2, 2))!;
        Assert.Equal([1f, -2f, 896f], matrix.Dequantize(0));
        Assert.Equal([3f / 512, 3f, 4f], matrix.Dequantize(1));
    }

    [Fact]
    public void Find_ModuleNotQuantised_IsNull() =>
        Assert.All((IWeightLayout[])[new GptqLayout(4, 32, 1), new AwqLayout(32), new PackedLayout(4), new Int8Layout(), new Float8Layout((0, 0))], layout =>
            Assert.Null(Find(layout, new SafetensorsWriter().Add("m.weight", [1f], 1, 1))));

    [Fact]
    public void Gptq_GroupOutOfRange_NamesTensorAndInput()
    {
        (int[] words, int[] zeros) = GptqWords();
        int[] order = new int[Inputs];
        order[7] = 1;
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Find(new GptqLayout(4, Inputs, 1), new SafetensorsWriter()
            .Add("m.qweight", words, Inputs / 8, Outputs).Add("m.qzeros", zeros, 1, 1).Add("m.scales", Scales(), 1, Outputs).Add("m.g_idx", order, Inputs)));
        Assert.Equal("m.g_idx", error.Field);
        Assert.Contains("puts input 7 in group 1 of 1", error.Message);
    }

    [Theory]
    [InlineData("m.scales")]
    [InlineData("m.qzeros")]
    public void Gptq_TensorMissing_NamesIt(string missing)
    {
        (int[] words, int[] zeros) = GptqWords();
        var writer = new SafetensorsWriter().Add("m.qweight", words, Inputs / 8, Outputs);
        _ = missing == "m.scales" ? writer.Add("m.qzeros", zeros, 1, 1) : writer.Add("m.scales", Scales(), 1, Outputs);
        Assert.Equal(missing, Assert.Throws<ModelFormatException>(() => Find(new GptqLayout(4, Inputs, 1), writer)).Field);
    }

    [Fact]
    public void Gptq_ScalesOfAnotherShape_SaysBoth()
    {
        (int[] words, int[] zeros) = GptqWords();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Find(new GptqLayout(4, Inputs, 1), new SafetensorsWriter()
            .Add("m.qweight", words, Inputs / 8, Outputs).Add("m.qzeros", zeros, 1, 1).Add("m.scales", new float[4], 1, 4)));
        Assert.Contains("m.scales: is F32 [1, 4], not [1, 8]", error.Message);
    }

    [Fact]
    public void Packed_ShapeThatContradicts_IsRefused()
    {
        var writer = new SafetensorsWriter().Add("m.weight_packed", new int[Outputs * Inputs / 8], Outputs, Inputs / 8).Add("m.weight_scale", new float[Outputs], Outputs, 1)
            .Add("m.weight_shape", SafetensorsType.I64, new byte[16], 2);
        Assert.Equal("m.weight_shape", Assert.Throws<ModelFormatException>(() => Find(new PackedLayout(4), writer)).Field);
    }

    private static (int[] Words, int[] Zeros) GptqWords()
    {
        int[] words = new int[Inputs / 8 * Outputs], zeros = new int[1];
        for (int n = 0; n < Outputs; n++)
        {
            zeros[0] |= n << (4 * n);
            for (int k = 0; k < Inputs; k++)
            {
                words[(k / 8 * Outputs) + n] |= Code(k, n) << (k % 8 * 4);
            }
        }

        return (words, zeros);
    }

    private static float[] Scales() => [.. Enumerable.Range(0, Outputs).Select(n => 0.5f + n)];

    private static void AssertCodes(IWeightMatrix matrix, Func<int, int, int> value)
    {
        Assert.Equal((Outputs, Inputs), (matrix.Rows, matrix.Columns));
        for (int n = 0; n < Outputs; n++)
        {
            Assert.Equal(Enumerable.Range(0, Inputs).Select(k => Scales()[n] * value(k, n)), matrix.Dequantize(n));
        }
    }

    private static IWeightMatrix? Find(IWeightLayout layout, SafetensorsWriter writer)
    {
        using TemporaryFolder saved = new TemporaryFolder().With("model.safetensors", writer.ToArray());
        using SafetensorsFolder folder = SafetensorsFolder.Open(saved.Path);
        IWeightMatrix? found = layout.Find("m", folder, "m");
        return found is null ? null : new Read(found);
    }

    /// <summary>Rows read while the folder was open.</summary>
    private sealed class Read(IWeightMatrix matrix) : IWeightMatrix
    {
        private readonly float[][] _rows = [.. Enumerable.Range(0, matrix.Rows).Select(matrix.Dequantize)];

        public string Name => matrix.Name;

        public int Rows => matrix.Rows;

        public int Columns => matrix.Columns;

        public WeightPacking Packing => matrix.Packing;

        public bool HasOffsets => matrix.HasOffsets;

        public void Dequantize(int row, Span<float> weights) => _rows[row].CopyTo(weights);

        public void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets) => matrix.Pack(row, quants, scales, offsets);
    }
}
