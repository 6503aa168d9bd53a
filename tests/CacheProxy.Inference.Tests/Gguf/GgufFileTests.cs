using System.Buffers.Binary;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Gguf;

public sealed class GgufFileTests
{
    private static readonly byte[] Sample = SampleFile().ToArray();

    [Fact]
    public void Open_EveryValueType_ReadsItBack()
    {
        using var file = new TemporaryFile(Sample);
        using GgufFile model = GgufFile.Open(file.Path);

        Assert.Equal(3u, model.Version);
        Assert.Equal((byte)200, model.Metadata.Values["u8"]);
        Assert.Equal((sbyte)-7, model.Metadata.Values["i8"]);
        Assert.Equal((ushort)60000, model.Metadata.Values["u16"]);
        Assert.Equal((short)-300, model.Metadata.Values["i16"]);
        Assert.Equal(4000000000u, model.Metadata.Values["u32"]);
        Assert.Equal(-5, model.Metadata.GetInt32("i32"));
        Assert.Equal(1.5f, model.Metadata.GetSingle("f32"));
        Assert.Equal(2.5f, model.Metadata.GetSingle("f64"));
        Assert.Equal(77, model.Metadata.GetInt32("u64"));
        Assert.Equal(-9L, model.Metadata.Values["i64"]);
        Assert.True(model.Metadata.FindBoolean("flag"));
        Assert.Equal("grüße", model.Metadata.GetString("text"));
        Assert.Equal(["a", "", "ç"], model.Metadata.GetArray<string>("texts"));
        Assert.Equal([1, -2, 3], model.Metadata.GetArray<int>("numbers"));
        Assert.Equal([true, false], model.Metadata.GetArray<bool>("flags"));
        Assert.Equal([[1, 2], [3]], model.Metadata.GetArray<object>("nested").Cast<int[]>());
    }

    [Fact]
    public void Open_Tensors_AreFoundWithShapeAndContent()
    {
        using var file = new TemporaryFile(Sample);
        using GgufFile model = GgufFile.Open(file.Path);

        GgufTensor matrix = model.GetTensor("matrix");
        Assert.Equal((3, 2), (matrix.Columns, matrix.Rows));
        float[] row = new float[3];
        model.Dequantize(matrix, 1, row);
        Assert.Equal([4f, 5f, 6f], row);
        Assert.Equal(34, model.GetTensor("blocks").ByteLength);
    }

    [Theory]
    [InlineData("u32", "not a 32-bit whole number")]
    [InlineData("text", "not a 32-bit whole number")]
    [InlineData("absent", "is missing")]
    public void GetInt32_WrongValue_NamesFileKeyAndProblem(string key, string problem)
    {
        using var file = new TemporaryFile(Sample);
        using GgufFile model = GgufFile.Open(file.Path);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => model.Metadata.GetInt32(key));

        Assert.Equal((file.Path, key), (error.File, error.Field));
        Assert.Contains(problem, error.Message);
        Assert.StartsWith(file.Path, error.Message);
    }

    [Fact]
    public void GetTensor_Absent_NamesIt()
    {
        using var file = new TemporaryFile(Sample);
        using GgufFile model = GgufFile.Open(file.Path);
        Assert.Equal("blk.7", Assert.Throws<ModelFormatException>(() => model.GetTensor("blk.7")).Field);
    }

    [Fact]
    public void GetRows_OutsideTheTensor_Throws()
    {
        using var file = new TemporaryFile(Sample);
        using GgufFile model = GgufFile.Open(file.Path);
        GgufTensor matrix = model.GetTensor("matrix");
        Assert.Throws<ArgumentOutOfRangeException>(() => model.GetRows(matrix, 1, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.GetRows(matrix, -1, 1).Length);
    }

    [Fact]
    public void GetRows_AfterDispose_Throws()
    {
        using var file = new TemporaryFile(Sample);
        GgufFile model = GgufFile.Open(file.Path);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.GetRows(model.Tensors["matrix"], 0, 1).Length);
    }

    [Fact]
    public void Open_EmptyFile_SaysSo()
    {
        using var file = new TemporaryFile([]);
        Assert.Contains("empty", Assert.Throws<ModelFormatException>(() => GgufFile.Open(file.Path)).Message);
    }

    [Fact]
    public void Open_MissingFile_IsNotAFormatError() =>
        Assert.ThrowsAny<IOException>(() => GgufFile.Open(Path.Combine(Path.GetTempPath(), "no-such-model.gguf")));

    [Fact]
    public void Open_CutAnywhere_NamesTheFieldAtFault()
    {
        for (int length = 1; length < Sample.Length; length++)
        {
            using var file = new TemporaryFile(Sample.AsSpan(0, length));
            ModelFormatException error = Assert.Throws<ModelFormatException>(() => GgufFile.Open(file.Path));
            Assert.NotEmpty(error.Field);
        }
    }

    [Fact]
    public void Open_RandomlyDamaged_OpensOrSaysWhatIsWrong()
    {
        var random = new Random(20240607);
        int refused = 0;
        for (int round = 0; round < 4000; round++)
        {
            using var file = new TemporaryFile(Damage(random));
            try
            {
                using GgufFile model = GgufFile.Open(file.Path);
                ReadEverything(model);
            }
            catch (ModelFormatException error)
            {
                Assert.StartsWith(file.Path, error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 3999);
    }

    [Fact]
    public void Open_BundledModel_HasItsKnownTensors()
    {
        using GgufFile model = GgufFile.Open(BundledModel.Path);
        Assert.Equal(272, model.Tensors.Count);
        GgufTensor down = model.GetTensor("blk.29.ffn_down.weight");
        Assert.Equal((1536, 576, GgufTensorType.Q4_1), (down.Columns, down.Rows, down.Type));
        Assert.Equal(1_785_664 + 30_081_024, model.GetTensor("blk.0.attn_norm.weight").Offset);
    }

    [Fact]
    public void Vocabulary_BundledModel_IsComplete()
    {
        using GgufFile model = GgufFile.Open(BundledModel.Path);
        GgufVocabulary vocabulary = GgufVocabulary.Read(model);
        Assert.Equal(("gpt2", "smollm"), (vocabulary.Model, vocabulary.PreTokenizer));
        Assert.Equal((49152, 49152, 48900), (vocabulary.Tokens.Length, vocabulary.TokenTypes.Length, vocabulary.Merges.Length));
        Assert.Equal("<|im_start|>", vocabulary.Tokens[vocabulary.BeginOfSequence!.Value]);
        Assert.Equal("<|im_end|>", vocabulary.Tokens[vocabulary.EndOfSequence!.Value]);
        Assert.False(vocabulary.AddBeginOfSequence);
        Assert.StartsWith("{% for message in messages %}", vocabulary.ChatTemplate);
    }

    private static byte[] Damage(Random random)
    {
        byte[] bytes = [.. Sample];
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at + 8 <= bytes.Length:
                    ulong[] extremes = [ulong.MaxValue, long.MaxValue, int.MaxValue, 1UL << 32, (ulong)bytes.Length, 0];
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), extremes[random.Next(extremes.Length)]);
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return bytes[..random.Next(bytes.Length * 9 / 10, bytes.Length + 1)];
    }

    private static void ReadEverything(GgufFile model)
    {
        foreach (GgufTensor tensor in model.Tensors.Values)
        {
            float[] weights = new float[tensor.Columns];
            for (int row = 0; row < tensor.Rows; row++)
            {
                model.Dequantize(tensor, row, weights);
            }
        }
    }

    private static GgufWriter SampleFile() => new GgufWriter()
        .Add("u8", (byte)200).Add("i8", (sbyte)-7).Add("u16", (ushort)60000).Add("i16", (short)-300)
        .Add("u32", 4000000000u).Add("i32", -5).Add("f32", 1.5f).Add("f64", 2.5).Add("u64", 77UL).Add("i64", -9L)
        .Add("flag", true).Add("text", "grüße").Add("texts", new[] { "a", "", "ç" })
        .Add("numbers", new[] { 1, -2, 3 }).Add("flags", new[] { true, false }).Add("nested", new Array[] { new[] { 1, 2 }, new[] { 3 } })
        .AddTensor("matrix", [1, 2, 3, 4, 5, 6], 3, 2)
        .AddTensor("blocks", GgufTensorType.Q8_0, new byte[34], 32);
}
