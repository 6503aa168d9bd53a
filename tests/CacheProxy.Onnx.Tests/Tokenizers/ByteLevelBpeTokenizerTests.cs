using System.Text;
using System.Text.Json;
using CacheProxy.Onnx.Tests.Support;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Tests.Tokenizers;

public sealed class ByteLevelBpeTokenizerTests
{
    [Fact]
    public void Encode_ShippedGoldenTexts_GivesTheReferenceIds() =>
        AssertGolden(GgufVocabulary.Bundled, GoldenLines.Shipped("tokenizer-smollm2.jsonl"), atLeast: 850);

    [Fact]
    public void Encode_AllGoldenTexts_GivesTheReferenceIds() =>
        AssertGolden(GgufVocabulary.Bundled, GoldenLines.Shared("golden", "tokenizer-smollm2.jsonl"), atLeast: 1046);

    [Theory]
    [InlineData("llama3", "llama-bpe")]
    [InlineData("qwen2", "qwen2")]
    public void Encode_OtherPreTokenizers_GivesTheReferenceIds(string fixture, string preTokenizer) =>
        AssertGolden(ReadSmall(fixture, preTokenizer), GoldenLines.Shipped($"tokenizer-{fixture}.jsonl"), atLeast: 108);

    [Fact]
    public void Decode_GoldenTextsWithoutMissingBytes_GivesTheTextBack()
    {
        foreach (JsonElement row in GoldenLines.Shipped("tokenizer-smollm2.jsonl").Where(r => r.Text("group") != "missing-byte"))
        {
            Assert.Equal(row.Text("text"), GgufVocabulary.Bundled.Decode(row.Ints("ids")));
        }
    }

    [Fact]
    public void Encode_ControlTokenInText_DependsOnParseSpecial()
    {
        ByteLevelBpeTokenizer sut = GgufVocabulary.Bundled;
        Assert.True(sut.TryGetSpecial("<|im_end|>", out int id));
        Assert.Equal([id], sut.Encode("<|im_end|>", parseSpecial: true));
        int[] plain = sut.Encode("<|im_end|>", parseSpecial: false);
        Assert.DoesNotContain(id, plain);
        Assert.Equal("<|im_end|>", sut.Decode(plain));
        Assert.Equal(TokenKind.Control, sut.KindOf(id));
        Assert.Equal("", sut.Decode([id], skipControl: true));
    }

    [Fact]
    public void Encode_UserDefinedToken_IsFoundEvenInPlainText()
    {
        ByteLevelBpeTokenizer sut = ReadSmall("qwen2", "qwen2");
        Assert.True(sut.TryGetSpecial("<tool_call>", out int id));
        Assert.Equal(TokenKind.UserDefined, sut.KindOf(id));
        Assert.Contains(id, sut.Encode("a<tool_call>b", parseSpecial: false));
    }

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter() =>
        Assert.Equal(GgufVocabulary.Bundled.Encode("a\uFFFDb"), GgufVocabulary.Bundled.Encode("a\uD800b"));

    [Fact]
    public void Encode_AppendsToOutput()
    {
        List<int> output = [7];
        GgufVocabulary.Bundled.Encode("Hi", false, output);
        Assert.Equal(7, output[0]);
        Assert.True(output.Count > 1);
    }

    [Fact]
    public void Encode_WarmText_AllocatesNothing()
    {
        // A tokenizer of its own: others would evict pieces. One word, because two may share a slot of the cache in some processes.
        ByteLevelBpeTokenizer sut = ReadSmall("llama3", "llama-bpe");
        var output = new List<int>(4096);
        sut.Encode("Paris", true, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        sut.Encode("Paris", true, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TokenBytes_UnknownId_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => GgufVocabulary.Bundled.TokenBytes(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => GgufVocabulary.Bundled.TokenBytes(49152).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => GgufVocabulary.Bundled.KindOf(49152));
    }

    [Fact]
    public void Constructor_UnknownPreTokenizer_NamesItAndTheKnownOnes()
    {
        var vocabulary = new BpeVocabulary(["a"], [], [], "no-such-rule");
        var error = Assert.Throws<NotSupportedException>(() => new ByteLevelBpeTokenizer(vocabulary));
        Assert.Contains("no-such-rule", error.Message);
        Assert.Contains("smollm", error.Message);
    }

    [Theory]
    [InlineData("a c")]
    [InlineData("ab")]
    [InlineData("")]
    public void Constructor_BrokenMerge_NamesTheRule(string rule)
    {
        var vocabulary = new BpeVocabulary(["a", "b", "ab"], [], [rule], "gpt-2");
        Assert.Contains($"'{rule}'", Assert.Throws<InvalidDataException>(() => new ByteLevelBpeTokenizer(vocabulary)).Message);
    }

    [Fact]
    public void Constructor_KindsOfAnotherLength_Throws() =>
        Assert.Throws<InvalidDataException>(() => new ByteLevelBpeTokenizer(new BpeVocabulary(["a", "b"], [TokenKind.Normal], [], "gpt-2")));

    internal static ByteLevelBpeTokenizer ReadSmall(string fixture, string preTokenizer)
    {
        string path = TestKit.Repository.File("tests", "CacheProxy.Onnx.Tests", "Fixtures", $"vocabulary-{fixture}.json");
        JsonElement root = JsonDocument.Parse(File.ReadAllText(path, Encoding.UTF8)).RootElement;
        string[] Strings(string name) => [.. root.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
        return new(new BpeVocabulary(Strings("tokens"), [.. root.Ints("kinds").Select(k => (TokenKind)k)], Strings("merges"), preTokenizer));
    }

    private static void AssertGolden(ITokenizer sut, IEnumerable<JsonElement> rows, int atLeast)
    {
        int count = 0;
        foreach (JsonElement row in rows)
        {
            bool parseSpecial = !row.TryGetProperty("parse_special", out JsonElement flag) || flag.GetBoolean();
            int[] ids = sut.Encode(row.Text("text"), parseSpecial);
            Assert.True(row.Ints("ids").AsSpan().SequenceEqual(ids), $"{row}: got {string.Join(',', ids)}");
            count++;
        }

        Assert.True(count >= atLeast, $"only {count} rows");
    }
}
