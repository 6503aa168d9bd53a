using System.Text.Json;
using CacheProxy.Onnx.Tests.Support;
using CacheProxy.Onnx.Tokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace CacheProxy.Onnx.Tests.Tokenizers;

public sealed class WordPieceTokenizerTests
{
    private const int Window = 256;

    [Fact]
    public void Encode_ShippedGoldenTexts_GivesTheReferenceIds() => AssertGolden(GoldenLines.Shipped("tokenizer-bert.jsonl"), atLeast: 850);

    [Fact]
    public void Encode_AllGoldenTexts_GivesTheReferenceIds() => AssertGolden(GoldenLines.Shared("golden", "tokenizer-bert.jsonl"), atLeast: 1070);

    [Fact]
    public void Encode_TextLongerThanTheLimit_IsCutAndSaysSo()
    {
        List<int> whole = [], cut = [9];
        Assert.True(BundledModels.Bert.Encode("one two three", false, 3, whole));
        Assert.False(BundledModels.Bert.Encode("one two three", false, 2, cut));
        Assert.Equal([9, .. whole[..2]], cut);
    }

    [Fact]
    public void Encode_LimitZero_SaysWhetherThereIsAnything()
    {
        List<int> output = [];
        Assert.True(BundledModels.Bert.Encode(" \u200B\t", false, 0, output));
        Assert.False(BundledModels.Bert.Encode("a", false, 0, output));
        Assert.Empty(output);
    }

    [Fact]
    public void Encode_SpecialTokenInPlainText_IsText()
    {
        List<int> output = [];
        BundledModels.Bert.Encode("[SEP]", false, 10, output);
        Assert.DoesNotContain(BundledModels.Bert.SeparatorId, output);
    }

    [Fact]
    public void Encode_AnyText_NeverThrowsAndStaysInTheVocabulary() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(20260101, 1), Prop.ForAll(BpePropertyTests.AnyText, text =>
        {
            List<int> output = [], limited = [];
            bool whole = BundledModels.Bert.Encode(text, true, int.MaxValue, output);
            bool fits = BundledModels.Bert.Encode(text, true, 5, limited);
            return whole && fits == (output.Count <= 5) && limited.SequenceEqual(output.Take(5))
                && output.All(id => id >= 0 && id < BundledModels.Bert.VocabularySize);
        }));

    [Fact]
    public void Encode_Warm_AllocatesNothing()
    {
        var output = new List<int>(256);
        BundledModels.Bert.Encode("Où est le café à 7 €?", false, Window, output);
        output.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        BundledModels.Bert.Encode("Où est le café à 7 €?", false, Window, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("{}", "'model' is missing")]
    [InlineData("nonsense", "invalid")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{}}""", "ByteLevel")]
    public void Load_NotABertTokenizer_NamesTheFile(string content, string part)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        var error = Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Load(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(part, error.Message);
        File.Delete(path);
    }

    [Fact]
    public void Constructor_VocabularyWithoutClassify_Throws() => Assert.Throws<InvalidDataException>(
        () => new WordPieceTokenizer(new Dictionary<string, int> { ["[UNK]"] = 0 }, [], new WordPieceOptions()));

    private static void AssertGolden(IEnumerable<JsonElement> rows, int atLeast)
    {
        int count = 0;
        foreach (JsonElement row in rows)
        {
            List<int> ids = [BundledModels.Bert.ClassifyId];
            BundledModels.Bert.Encode(row.Text("text"), row.GetProperty("parse_special").GetBoolean(), Window - 2, ids);
            ids.Add(BundledModels.Bert.SeparatorId);
            Assert.True(row.Ints("ids").AsSpan().SequenceEqual([.. ids]), $"{row}: got {string.Join(',', ids)}");
            count++;
        }

        Assert.True(count >= atLeast, $"only {count} rows");
    }
}
