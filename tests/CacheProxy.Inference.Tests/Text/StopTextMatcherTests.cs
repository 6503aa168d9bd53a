using System.Text;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Tests.Text;

public sealed class StopTextMatcherTests
{
    [Fact]
    public void Append_PartOfAStopText_IsHeldBackUntilItIsNone()
    {
        var matcher = new StopTextMatcher(["END"]);

        Assert.Equal("a ", matcher.Append("a E"));
        Assert.Equal("", matcher.Append("N"));
        Assert.Equal("ENX", matcher.Append("X"));
        Assert.Equal("", matcher.Append("EN"));
        Assert.Equal("EN", matcher.Complete());
    }

    [Fact]
    public void Append_StopTextAcrossPieces_CutsThereAndStaysSilent()
    {
        var matcher = new StopTextMatcher(["\n\nUser:"]);

        Assert.Equal("fine", matcher.Append("fine\n"));
        Assert.Equal("", matcher.Append("\nUs"));
        Assert.Equal("", matcher.Append("er: more"));
        Assert.True(matcher.Stopped);
        Assert.Equal("", matcher.Append("text"));
        Assert.Equal("", matcher.Complete());
    }

    [Fact]
    public void Append_SeveralEndTogether_TheLongestIsCut()
    {
        var matcher = new StopTextMatcher(["c", "abc", ""]);

        Assert.Equal("x", matcher.Append("xabcd"));
        Assert.Equal((true, "abc"), (matcher.Stopped, matcher.Found));
    }

    [Fact]
    public void Append_SelfOverlappingStop_IsFound()
    {
        var matcher = new StopTextMatcher(["aab"]);

        Assert.Equal("aa", matcher.Append("aaaa"));
        Assert.Equal("", matcher.Append("b"));
        Assert.True(matcher.Stopped);
    }

    [Fact]
    public void Append_NoStops_PassesEverything()
    {
        var matcher = new StopTextMatcher([]);

        Assert.Equal("anything", matcher.Append("anything"));
        Assert.Equal("", matcher.Complete());
    }

    [Fact]
    public void Append_AnyTextInAnyPieces_EqualsTheNaiveSearch()
    {
        var random = new Random(5);
        int stoppedRounds = 0;
        for (int round = 0; round < 5000; round++)
        {
            string[] stops = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => RandomText(random, random.Next(1, 5)))];
            string text = RandomText(random, random.Next(0, 30));
            var matcher = new StopTextMatcher(stops);
            var given = new StringBuilder();
            for (int at = 0; at < text.Length;)
            {
                int length = Math.Min(random.Next(1, 5), text.Length - at);
                given.Append(matcher.Append(text.AsSpan(at, length)));
                at += length;
                if (!matcher.Stopped)
                {
                    AssertHoldsBackNoMoreThanNeeded(given.ToString(), text[..at], stops);
                }
            }

            given.Append(matcher.Complete());
            Assert.Equal(Naive(text, stops), given.ToString());
            stoppedRounds += matcher.Stopped ? 1 : 0;
        }

        Assert.InRange(stoppedRounds, 1000, 4500);
    }

    private static void AssertHoldsBackNoMoreThanNeeded(string given, string seen, string[] stops)
    {
        int needed = Enumerable.Range(0, seen.Length + 1)
            .Where(length => Array.Exists(stops, stop => stop.Length > length && stop.StartsWith(seen[^length..], StringComparison.Ordinal)))
            .DefaultIfEmpty(0).Max();
        Assert.Equal(seen.Length - needed, given.Length);
    }

    /// <summary>Cut before the stop text that is complete first, the longest of those that end there.</summary>
    private static string Naive(string text, string[] stops)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            string[] found = [.. stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal))];
            if (found.Length > 0)
            {
                return text[..(end - found.Max(stop => stop.Length))];
            }
        }

        return text;
    }

    private static string RandomText(Random random, int length) => new([.. Enumerable.Range(0, length).Select(_ => "abc"[random.Next(3)])]);
}
