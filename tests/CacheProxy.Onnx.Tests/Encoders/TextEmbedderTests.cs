using System.Numerics.Tensors;
using System.Text.Json;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Tests.Support;

namespace CacheProxy.Onnx.Tests.Encoders;

public sealed class TextEmbedderTests
{
    private static readonly TextEmbedder s_sut = BundledModels.Embedder;

    [Fact]
    public void Embed_ShippedGoldenTexts_AreNearTheFloatReference() => AssertVectors(GoldenLines.Shipped("embeddings-minilm.jsonl"), atLeast: 100);

    [Fact]
    public void Embed_AllGoldenTexts_AreNearTheFloatReference() => AssertVectors(GoldenLines.Shared("golden", "embeddings-minilm.jsonl"), atLeast: 295);

    [Fact]
    public void Embed_ShippedGoldenPairs_HaveTheReferenceCosine() => AssertPairs(GoldenLines.Shipped("pairs-minilm.jsonl"), atLeast: 200);

    [Fact]
    public void Embed_AllGoldenPairs_HaveTheReferenceCosine() => AssertPairs(GoldenLines.Shared("golden", "pairs-minilm.jsonl"), atLeast: 300);

    [Theory]
    [InlineData("")]
    [InlineData("   \n\t")]
    [InlineData("\u200B\u200D\uFEFF")]
    [InlineData("\0\u0001")]
    public void Embed_TextWithoutContent_GivesAUnitVectorAndSaysEmpty(string text)
    {
        TextEmbedding result = s_sut.Embed([text])[0];
        Assert.True(result.Info.IsEmpty);
        Assert.False(result.Info.Truncated);
        Assert.Equal(1, TensorPrimitives.Norm<float>(result.Vector), 4);
    }

    [Fact]
    public void Embed_LoneSurrogate_IsDropped() =>
        Assert.Equal(s_sut.Embed(["ab"])[0].Vector, s_sut.Embed([new string(['a', '\uD800', 'b'])])[0].Vector);

    [Fact]
    public void Embed_LongText_IsCutAtMaxTokensAndSaysSo()
    {
        string text = string.Join(' ', Enumerable.Repeat("word", 300));
        TextEmbedding result = s_sut.Embed([text])[0];
        Assert.Equal(new EmbeddingInfo(256, true), result.Info);
        Assert.Equal(result.Info, s_sut.CountTokens(text));
        Assert.Equal(new EmbeddingInfo(256, false), s_sut.CountTokens(string.Join(' ', Enumerable.Repeat("word", 254))));
    }

    [Fact]
    public void Embed_ManyTexts_EqualsEachAlone()
    {
        string[] texts = [.. GoldenLines.Shipped("embeddings-minilm.jsonl").Select(r => r.Text("text"))];
        IReadOnlyList<TextEmbedding> batch = s_sut.Embed(texts);
        var alone = new float[s_sut.Dimensions];
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(s_sut.Embed(texts[i], alone), batch[i].Info);
            Assert.True(TensorPrimitives.CosineSimilarity<float>(alone, batch[i].Vector) > 0.99999f, texts[i]);
        }
    }

    [Fact]
    public void Embed_NoTexts_GivesNothing() => Assert.Empty(s_sut.Embed([]));

    [Fact]
    public void Embed_VectorOfAnotherLength_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => s_sut.Embed("a", new float[383]));

    [Fact]
    public void Embed_FromManyThreads_GivesTheSame()
    {
        string[] texts = [.. GoldenLines.Shipped("embeddings-minilm.jsonl").Take(40).Select(r => r.Text("text"))];
        float[][] expected = [.. s_sut.Embed(texts).Select(e => e.Vector)];
        Parallel.For(0, 200, i =>
        {
            var vector = new float[s_sut.Dimensions];
            s_sut.Embed(texts[i % texts.Length], vector);
            Assert.True(TensorPrimitives.CosineSimilarity<float>(vector, expected[i % texts.Length]) > 0.99999f);
        });
    }

    [Fact]
    public void Embed_WarmSingleText_AllocatesNothing()
    {
        var vector = new float[s_sut.Dimensions];
        const string text = "How do I reset my password?";
        s_sut.Embed(text, vector);
        long before = GC.GetAllocatedBytesForCurrentThread();
        s_sut.Embed(text, vector);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128);
    }

    [Fact]
    public void Fingerprint_DependsOnSettings()
    {
        using TextEmbedder classify = TextEmbedder.Load(
            BundledModels.Factory,
            BundledModels.Folder("all-minilm-l6-v2", "model_int8.onnx"),
            BundledModels.Folder("all-minilm-l6-v2", "tokenizer.json"),
            new TextEmbedderOptions { Pooling = Pooling.Classify });
        Assert.Equal(64, s_sut.Fingerprint.Length);
        Assert.NotEqual(s_sut.Fingerprint, classify.Fingerprint);
        Assert.NotEqual(s_sut.Embed(["a text"])[0].Vector, classify.Embed(["a text"])[0].Vector);
    }

    [Fact]
    public void Load_ModelWithoutTheOutput_SaysSo()
    {
        var error = Assert.Throws<InvalidDataException>(() => TextEmbedder.Load(
            BundledModels.Factory,
            BundledModels.Folder("same-answer-minilm", "model_int8.onnx"),
            BundledModels.Folder("same-answer-minilm", "tokenizer.json"),
            new TextEmbedderOptions()));
        Assert.Contains("last_hidden_state", error.Message);
    }

    private static void AssertVectors(IEnumerable<JsonElement> rows, int atLeast)
    {
        int count = 0;

        // The reference parses "[MASK]" and its like written in a text (five rows); here they are plain text on purpose.
        string[] parsed = ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK] test"];
        foreach (JsonElement row in rows.Where(r => !parsed.Contains(r.Text("text"))))
        {
            float[] golden = [.. row.GetProperty("embedding").EnumerateArray().Select(e => e.GetSingle())];
            TextEmbedding result = s_sut.Embed([row.Text("text")])[0];
            Assert.Equal(row.GetProperty("n_tokens").GetInt32(), result.Info.TokenCount);
            Assert.True(TensorPrimitives.CosineSimilarity<float>(golden, result.Vector) >= 0.997f, row.Text("text"));
            count++;
        }

        Assert.True(count >= atLeast, $"only {count} rows");
    }

    private static void AssertPairs(IEnumerable<JsonElement> rows, int atLeast)
    {
        int count = 0;
        foreach (JsonElement row in rows)
        {
            IReadOnlyList<TextEmbedding> both = s_sut.Embed([row.Text("a"), row.Text("b")]);
            Assert.Equal(row.GetProperty("cosine").GetSingle(), TensorPrimitives.Dot<float>(both[0].Vector, both[1].Vector), 0.01f);
            count++;
        }

        Assert.True(count >= atLeast, $"only {count} rows");
    }
}
