using System.Text;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Tests.Tuning.Pairs;

public sealed class LabelFileTests
{
    [Theory]
    [InlineData("1\thow far?\thow long?\n0\tx\ty\n")]
    [InlineData("label\ta\tb\n1\thow far?\thow long?\n0\tx\ty")]
    [InlineData("label\tquestion_a\tquestion_b\r\n1\thow far?\thow long?\r\n\r\n0\tx\ty\r\n")]
    [InlineData("id\tquestion1\tquestion2\tLabel\n7\thow far?\thow long?\t1\n8\tx\ty\t0\n")]
    [InlineData("\uFEFFlabel\tintent\tkind\ttext_a\ttext_b\n1\ti\tk\thow far?\thow long?\n0\ti\tk\tx\ty\n")]
    public void Open_WithAndWithoutHead_ReadsThePairs(string text)
    {
        using var file = new TemporaryFile(text);

        LabelFile sut = LabelFile.Open(file.Path, skipBad: false);

        Assert.Equal((2, 1, 0), (sut.Count, sut.Positives, sut.BadRows));
        Assert.Equal([new LabelledPair(true, "how far?", "how long?"), new LabelledPair(false, "x", "y")], sut.Read());
    }

    [Theory]
    [InlineData("1\ta\tb\n1\tonly a\n", ":2: 2 columns instead of 3")]
    [InlineData("1\ta\tb\tc\n", ":1: 4 columns instead of 3")]
    [InlineData("yes\ta\tb\n", ":1: the label is 'yes', not 0 or 1")]
    [InlineData("1\ta\tb\n\n2\ta\tb\n", ":3: the label is '2', not 0 or 1")]
    [InlineData("label\ta\tb\n1\ta\tb\textra\n", ":2: 4 columns instead of 3")]
    [InlineData("label\tleft\tright\n1\ta\tb\n", ":1: the head needs the columns label, a and b")]
    [InlineData("1\ta\tb\uFFFD\n", ":1: the text is not valid UTF-8")]
    [InlineData("", "there is no labelled pair")]
    [InlineData("label\ta\tb\n", "there is no labelled pair")]
    public void Open_BadRow_NamesFileAndLine(string text, string expected)
    {
        using var file = new TemporaryFile(text);

        string message = Assert.Throws<LabelFileException>(() => LabelFile.Open(file.Path, skipBad: false)).Message;

        Assert.Contains(expected, message);
        Assert.StartsWith(file.Path, message);
    }

    [Fact]
    public void Open_ManyBadRows_NamesTheFirstAndCountsTheRest()
    {
        using var file = new TemporaryFile(string.Concat(Enumerable.Repeat("bad\n", 9)) + "1\ta\tb\n");

        string message = Assert.Throws<LabelFileException>(() => LabelFile.Open(file.Path, skipBad: false)).Message;

        Assert.Contains(":5: ", message);
        Assert.DoesNotContain(":6: ", message);
        Assert.Contains("And 4 more", message);
    }

    [Fact]
    public void Open_SkipBad_LeavesThemOutAndCountsThem()
    {
        using var file = new TemporaryFile("1\ta\tb\nbad\n0\tc\td\n");

        LabelFile sut = LabelFile.Open(file.Path, skipBad: true);

        Assert.Equal((2, 1), (sut.Count, sut.BadRows));
        Assert.Equal(2, sut.Read().Count());
    }

    [Fact]
    public void Open_OddTexts_AreTakenAsTheyAre()
    {
        string[] texts = ["", " ", "\"quoted\" \\n", "🙂", "\u202Eecnarf", new string('z', 100_000)];
        using var file = new TemporaryFile(string.Concat(texts.Select(text => $"0\t{text}\t{text}\n")));

        Assert.Equal(texts, LabelFile.Open(file.Path, skipBad: false).Read().Select(pair => pair.Asked));
    }

    [Fact]
    public void Open_BytesThatAreNoText_IsAFault()
    {
        using var file = new TemporaryFile("");
        File.WriteAllBytes(file.Path, [.. Encoding.UTF8.GetBytes("1\ta\t"), 0xC3, 0x28, (byte)'\n']);

        Assert.Contains(":1: the text is not valid UTF-8", Assert.Throws<LabelFileException>(() => LabelFile.Open(file.Path, skipBad: false)).Message);
    }
}
