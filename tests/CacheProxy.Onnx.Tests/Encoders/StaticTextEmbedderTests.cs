using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Tests.Support;

namespace CacheProxy.Onnx.Tests.Encoders;

public sealed class StaticTextEmbedderTests
{
    private static readonly StaticTextEmbedder s_sut = BundledEncoders.LoadStatic(BundledModels.Manifest);

    [Fact]
    public void Embed_ShippedGoldenTexts_EqualsTheReference() => AssertGolden(GoldenLines.Shipped("static-en.jsonl"), atLeast: 80);

    [Fact]
    public void Embed_AllGoldenTexts_EqualsTheReference() => AssertGolden(GoldenLines.Shared("models", "static-en", "golden.jsonl"), atLeast: 200);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("\u200B\u200D\uFEFF")]
    [InlineData("[CLS][SEP][PAD]")]
    [InlineData("\U0001F600\U0001F389")]
    public void Embed_NothingKnown_IsEmptyAndZero(string text)
    {
        var vector = new float[s_sut.Dimensions];
        vector.AsSpan().Fill(1);

        Assert.True(s_sut.Embed(text, vector).IsEmpty);
        Assert.All(vector, component => Assert.Equal(0, component));
    }

    [Fact]
    public void Embed_OtherOrderOfWords_IsTheSame()
        => Assert.Equal(1, Cosine("from euros to dollars", "to dollars from euros"), 4);

    [Fact]
    public void Embed_UnlikeQuestions_AreFartherApartThanLikeOnes()
        => Assert.True(Cosine("How do I reset my password?", "I forgot my password, how can I change it?")
            > Cosine("How do I reset my password?", "What is the capital of Portugal?") + 0.3f);

    [Fact]
    public void Embed_LongText_ReadsAllOfIt()
    {
        var vector = new float[s_sut.Dimensions];
        string text = string.Join(' ', Enumerable.Repeat("word", 20_000));

        Assert.Equal(20_000, s_sut.Embed(text, vector).TokenCount);
        Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 4);
        Assert.Equal(Cosine("word", "a"), TensorPrimitives.Dot(vector, Vector("a")), 4);
    }

    [Fact]
    public void Embed_UnknownWord_IsCounted()
    {
        var vector = new float[s_sut.Dimensions];

        Assert.Equal(new StaticEmbeddingInfo(3, 1, false), s_sut.Embed("hello \U0001F600 world", vector));
    }

    [Fact]
    public void Embed_Warm_AllocatesNothing()
    {
        var vector = new float[s_sut.Dimensions];
        const string Text = "How do I reset the password of my account?";
        s_sut.Embed(Text, vector);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            s_sut.Embed(Text, vector);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Embed_VectorOfAnotherLength_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => s_sut.Embed("a", new float[255]));

    [Fact]
    public void Embed_FromManyThreads_GivesTheSame()
    {
        float[] expected = Vector("How do I reset my password?");
        Parallel.For(0, 100, i => Assert.Equal(i % 2 == 0 ? expected : Vector("another text of other words"),
            Vector(i % 2 == 0 ? "How do I reset my password?" : "another text of other words")));
    }

    public static TheoryData<string, string> Damaged => new()
    {
        { "", "not a table" },
        { Header("{"), "not a table" },
        { Header("{}"), "not a table" },
        { Header("""{"scales":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"embeddings":{"dtype":"F32","shape":[2,4],"data_offsets":[8,40]}}"""), "I8" },
        { Header("""{"scales":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"embeddings":{"dtype":"I8","shape":[2,4],"data_offsets":[12,20]}}"""), "scales" },
        { Header("""{"scales":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"embeddings":{"dtype":"I8","shape":[2,4],"data_offsets":[8,16]}}"""), "bytes lies at" },
        { Header("""{"scales":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"embeddings":{"dtype":"I8","shape":[2,4],"data_offsets":[-8,0]}}"""), "bytes lies at" },
        { Header("""{"scales":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"embeddings":{"dtype":"I8","shape":[1,4],"data_offsets":[4,8]}}""", [0, 0, 0xC0, 0x7F, 1, 2, 3, 4]), "no number" },
        { Header("""{"scales":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"embeddings":{"dtype":"I8","shape":[1,4],"data_offsets":[4,8]}}""", [0, 0, 0, 0, 1, 2, 3, 4]), "1 rows for the" },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Load_DamagedTable_NamesTheFileAndTheReason(string hex, string reason)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        File.WriteAllBytes(path, Convert.FromHexString(hex));

        var error = Assert.Throws<InvalidDataException>(() => StaticTextEmbedder.Load(path, BundledModels.Folder("static-en", "tokenizer.json")));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static string Header(string json, byte[]? data = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);
        return Convert.ToHexString([.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data ?? []]);
    }

    private static void AssertGolden(IEnumerable<JsonElement> rows, int atLeast)
    {
        int count = 0;
        foreach (JsonElement row in rows)
        {
            string text = row.Text("text");
            Assert.Equal(row.Ints("ids"), s_sut.Tokenize(text));
            float[] golden = [.. row.GetProperty("embedding").EnumerateArray().Select(e => e.GetSingle())];
            Assert.True(TensorPrimitives.Distance<float>(golden, Vector(text)) < 1e-4f, text);
            Assert.True(golden.Zip(Vector(text), (left, right) => Math.Abs(left - right)).Max() <= 1e-5f, text);
            count++;
        }

        Assert.True(count >= atLeast, $"only {count} rows");
    }

    private static float Cosine(string left, string right) => TensorPrimitives.Dot(Vector(left), Vector(right));

    private static float[] Vector(string text)
    {
        var vector = new float[s_sut.Dimensions];
        s_sut.Embed(text, vector);
        return vector;
    }
}
