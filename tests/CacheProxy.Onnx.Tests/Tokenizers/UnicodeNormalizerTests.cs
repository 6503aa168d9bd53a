using System.Security.Cryptography;
using System.Text;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Onnx.Tests.Tokenizers;

public sealed class UnicodeNormalizerTests
{
    // sha256 over every code point followed by U+0301 U+0323 U+1161 U+11A8, normalised, one a line: ICU with Unicode 17's tables.
    [Fact]
    public void Decompose_EveryCodePoint_EqualsIcu() =>
        Assert.Equal("669938047603b251b88592d140c37d72fca1d95efafc1fad08f38fcb4b1abcab", Digest(Decompose));

    [Fact]
    public void Compose_EveryCodePoint_EqualsIcu() =>
        Assert.Equal("cc4e401e8d335a182a3de22f4d419f06bc07bb7b1140652e7551a602c1a64122", Digest(text => UnicodeNormalizer.Compose(text)));

    [Theory]
    [InlineData("", "")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u0301a", "\u0301a")]
    public void Compose_KnownText_GivesNfc(string text, string expected) => Assert.Equal(expected, UnicodeNormalizer.Compose(text));

    [Fact]
    public void Compose_LoneSurrogate_GivesReplacementCharacter() => Assert.Equal("a\uFFFD", UnicodeNormalizer.Compose("a\uD800"));

    [Fact]
    public void Compose_AMillionMarksOutOfOrder_IsNotQuadratic()
    {
        string marks = string.Concat(Enumerable.Repeat("\u0301\u0323", 500_000));
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        string composed = UnicodeNormalizer.Compose("a" + marks);
        Assert.StartsWith("\u1EA1\u0323", composed);
        Assert.EndsWith("\u0301", composed);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    private static string Decompose(string text)
    {
        var points = new List<int>();
        UnicodeNormalizer.Decompose(text, points);
        return string.Concat(points.Select(char.ConvertFromUtf32));
    }

    private static string Digest(Func<string, string> normalise)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int c = 0; c < 0x110000; c++)
        {
            if (c is < 0xD800 or > 0xDFFF)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(normalise(char.ConvertFromUtf32(c) + "\u0301\u0323\u1161\u11A8") + "\n"));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
