using System.Text;
using System.Text.Json;
using CacheProxy.Onnx.Tests.Support;
using CacheProxy.Onnx.Tokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace CacheProxy.Onnx.Tests.Tokenizers;

public sealed class SentencePieceTokenizerTests
{
    private static readonly SentencePieceVocabulary s_vocabulary = ReadVocabulary();
    private static readonly SentencePieceTokenizer s_sut = new(s_vocabulary);

    [Theory]
    [InlineData(false, "sentencepiece_ids")]
    [InlineData(true, "ids")]
    public void Encode_GoldenTexts_GivesTheReferenceIds(bool parseSpecial, string column)
    {
        int count = 0;
        foreach (JsonElement row in GoldenLines.Shipped("tokenizer-spm.jsonl"))
        {
            int[] ids = s_sut.Encode(row.Text("text"), parseSpecial);
            Assert.True(row.Ints(column).AsSpan().SequenceEqual(ids), $"{row}: got {string.Join(',', ids)}");
            count++;
        }

        Assert.Equal(108, count);
    }

    [Fact]
    public void Decode_OfEncode_GivesTheTextBackBehindOneSpace() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(20260101, 1), Prop.ForAll(BpePropertyTests.AnyText, text =>
        {
            // A text's own U+2581 is a space to SentencePiece.
            string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\u2581', ' ');
            return s_sut.Decode(s_sut.Encode(text)) == (text.Length == 0 ? "" : " " + expected);
        }));

    [Fact]
    public void Encode_WordByWord_EqualsTheWholeAtOnce()
    {
        // One token with an inner space, never reached by a merge, makes the tokenizer merge whole texts.
        SentencePieceTokenizer whole = new(s_vocabulary with
        {
            Tokens = [.. s_vocabulary.Tokens, "\u0001\u2581\u0002"],
            Kinds = [.. s_vocabulary.Kinds, TokenKind.Normal],
            Scores = [.. s_vocabulary.Scores, -1e9f],
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20260101, 1), Prop.ForAll(
            BpePropertyTests.AnyText, text => whole.Encode(text).AsSpan().SequenceEqual(s_sut.Encode(text))));
    }

    [Fact]
    public void Encode_WithoutSpacePrefix_AddsNone()
    {
        SentencePieceTokenizer sut = new(s_vocabulary with { Prefix = SpacePrefix.Never });
        Assert.Equal("a b", sut.Decode(sut.Encode("a b")));
    }

    [Fact]
    public void Encode_WithoutByteTokens_GivesUnknown()
    {
        SentencePieceTokenizer sut = new(new SentencePieceVocabulary(["<unk>", "a"], [TokenKind.Unknown, TokenKind.Normal], [0, 0], SpacePrefix.Never));
        Assert.Equal([1, 0, 1], sut.Encode("aéa"));
    }

    [Fact]
    public void Constructor_ScoresOfAnotherLength_Throws() =>
        Assert.Throws<InvalidDataException>(() => new SentencePieceTokenizer(s_vocabulary with { Scores = [] }));

    [Fact]
    public void Constructor_ByteTokenOfWrongForm_NamesIt() => Assert.Contains("<0xZZ>", Assert.Throws<InvalidDataException>(
        () => new SentencePieceTokenizer(new SentencePieceVocabulary(["<0xZZ>"], [TokenKind.Byte], [0]))).Message);

    private static SentencePieceVocabulary ReadVocabulary()
    {
        string path = TestKit.Repository.File("tests", "CacheProxy.Onnx.Tests", "Fixtures", "vocabulary-spm.json");
        JsonElement root = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        return new SentencePieceVocabulary(
            [.. root.GetProperty("tokens").EnumerateArray().Select(e => e.GetString()!)],
            [.. root.Ints("kinds").Select(k => (TokenKind)k)],
            [.. root.GetProperty("scores").EnumerateArray().Select(e => e.GetSingle())]);
    }
}
