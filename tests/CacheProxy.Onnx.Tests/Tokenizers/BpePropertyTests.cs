using System.Text;
using CacheProxy.Onnx.Tests.Support;
using CacheProxy.Onnx.Tokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace CacheProxy.Onnx.Tests.Tokenizers;

public sealed class BpePropertyTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(20260101, 1);

    /// <summary>Any UTF-16 at all: ASCII, spaces, digits, apostrophes, marks, astral pairs, halves of pairs.</summary>
    internal static readonly Arbitrary<string> AnyText = Gen.ArrayOf(Gen.Frequency(
            (6, Gen.Elements("a", "b", "e", "the", "'", "'s", "'LL", " ", "  ", "\n", "\r\n", "\t", "1", "42", ".", "--", "<|im_end|>")),
            (2, Gen.Choose(0, 0xFFFF).Select(c => ((char)c).ToString())),
            (1, Gen.Choose(0x10000, 0x3FFFF).Select(char.ConvertFromUtf32))))
        .Select(string.Concat).ToArbitrary();

    [Fact]
    public void Decode_OfEncode_GivesTheTextBackUnlessABytesTokenIsMissing() => Check.One(s_config, Prop.ForAll(AnyText, text =>
    {
        ByteLevelBpeTokenizer sut = GgufVocabulary.Bundled;
        byte[] kept = [.. Encoding.UTF8.GetBytes(text).Where(b => !IsMissing(b))];
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        sut.DecodeBytes(sut.Encode(text, parseSpecial: true), bytes);
        return bytes.WrittenSpan.SequenceEqual(kept);
    }));

    [Fact]
    public void Encode_ColdAndWarm_GivesTheSame() => Check.One(s_config.WithMaxTest(200), Prop.ForAll(AnyText, text =>
    {
        ByteLevelBpeTokenizer sut = ByteLevelBpeTokenizerTests.ReadSmall("llama3", "llama-bpe");
        return sut.Encode(text).AsSpan().SequenceEqual(sut.Encode(text));
    }));

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("smollm")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    public void Pieces_OfAnyText_CoverItWithoutGaps(string name) => Check.One(s_config, Prop.ForAll(AnyText, text =>
    {
        PreTokenizerRules rules = PreTokenizerRules.Find(name);
        int at = 0;
        while (at < text.Length)
        {
            int length = PieceScanner.NextLength(text.AsSpan(at), rules);
            if (length <= 0 || at + length > text.Length)
            {
                return false;
            }

            at += length;
        }

        return true;
    }));

    [Fact]
    public void Merge_ByHeap_EqualsByRescan()
    {
        MergeTable merges = SmallMerges();
        Check.One(s_config, Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 3)).ToArbitrary(), symbols =>
        {
            int[] heap = [.. symbols], rescan = [.. symbols];
            int heapCount = BpeMerger.MergeByHeap(heap, merges), rescanCount = BpeMerger.MergeByRescan(rescan, merges);
            return heap.AsSpan(0, heapCount).SequenceEqual(rescan.AsSpan(0, rescanCount));
        }));
    }

    [Fact]
    public void Encode_HundredKilobytesWithoutASpace_IsNotQuadratic()
    {
        // Rescanning 100,000 symbols would need some 10^10 table reads: minutes. The heap takes about 0.1 s.
        string text = string.Concat(Enumerable.Repeat("aloha", 20_000));
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        int[] ids = GgufVocabulary.Bundled.Encode(text);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
        Assert.Equal(text, GgufVocabulary.Bundled.Decode(ids));
    }

    private static MergeTable SmallMerges()
    {
        string[] tokens = ["a", "b", "c", "d", "aa", "ab", "bc", "aab", "abab", "cd", "aaaa", "dd", "bcd"];
        var ids = tokens.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i);
        return MergeTable.FromRules(["a a", "b c", "a b", "aa b", "c d", "ab ab", "aa aa", "d d", "b cd", "bc d"], ids);
    }

    private static bool IsMissing(byte b) =>
        b is 0x04 or 0x06 or 0x13 or 0x14 or 0x16 or 0x1D or 0xC0 or 0xC1 or 0xF1 or 0xF2 or >= 0xF5;
}
