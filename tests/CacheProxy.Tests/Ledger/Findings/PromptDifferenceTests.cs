using System.Text;
using CacheProxy.Ledger.Findings;

namespace CacheProxy.Tests.Ledger.Findings;

public class PromptDifferenceTests
{
    private static readonly string Rules = string.Concat(Enumerable.Range(0, 60).Select(i => $"Rule {i * 7919 % 1000}: be brief. "));

    [Theory]
    [InlineData("It is now {0}.\n", "2026-11-22 10:05:33", "2026-11-22 10:05:34", "10:05:34", VolatileClass.DateTime)]
    [InlineData("Today is {0}.\n", "Sunday, 22 November 2026", "Monday, 23 November 2026", "Monday, 23", VolatileClass.DateTime)]
    [InlineData("The time is {0} now.\n", "1795341933", "1795341999", "1795341999", VolatileClass.DateTime)]
    [InlineData("Session {0}.\n", "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "7c9e6679-7425-40de-944b-e07fc1f90ae7", VolatileClass.Identifier)]
    [InlineData("Trace {0}: ", "4bf92f3577b34da6", "a3ce929d0e0e4736", "a3ce929d0e0e4736", VolatileClass.Identifier)]
    [InlineData("Order {0}; ", "A1B2C3", "A9B8C7", "A9B8C7", VolatileClass.Identifier)]
    [InlineData("Ticket number {0}.\n", "41", "1042", "1042", VolatileClass.Number)]
    [InlineData("You speak with {0}.\n", "Ada", "Bartholomew", "Bartholomew", VolatileClass.Text)]
    public void Find_PromptsThatGoOnAlike_TellsWhatChangesAndWhatIsLost(string beginning, string earlier, string later, string changed, VolatileClass kind)
    {
        byte[] first = Encoding.UTF8.GetBytes(string.Format(null, beginning, earlier) + Rules + "First question?");
        byte[] second = Encoding.UTF8.GetBytes(string.Format(null, beginning, later) + Rules + "Another one?");

        PromptDifference difference = Assert.NotNull(PromptDifference.Find(first, second));

        Snippet snippet = Snippet.Around(second, difference.Start, difference.Length);
        Assert.StartsWith(snippet.Text.Substring(snippet.Start, snippet.Length).Trim(), changed.Trim(), StringComparison.Ordinal);
        Assert.InRange(snippet.Text.Length, 1, Snippet.MostCharacters);
        Assert.Equal(kind, VolatileClassifier.Classify(snippet.Text, snippet.Start, snippet.Length));
        Assert.InRange(difference.Reusable, Rules.Length - 8, Rules.Length + 20);
    }

    [Fact]
    public void Find_SeveralThingsThatChange_CountsWhatLiesBetweenAndBehind()
    {
        byte[] first = Encoding.UTF8.GetBytes($"Now: 10:00:01. {Rules}User 7. {Rules}Why?");
        byte[] second = Encoding.UTF8.GetBytes($"Now: 10:00:02. {Rules}User 12345. {Rules}Where?");

        PromptDifference difference = Assert.NotNull(PromptDifference.Find(first, second));

        Assert.InRange(difference.Reusable, (2 * Rules.Length) - 20, (2 * Rules.Length) + 30);
        Assert.Equal(5, difference.Start);
    }

    [Theory]
    [InlineData("same start, other end")]
    [InlineData("a prompt and its continuation")]
    [InlineData("nothing in common")]
    [InlineData("only a little is behind")]
    [InlineData("what changes is long")]
    [InlineData("one has nothing there")]
    public void Find_NothingToWin_FindsNothing(string what)
    {
        (string first, string second) = what switch
        {
            "same start, other end" => (Rules + "What is a?", Rules + "Who was b?"),
            "a prompt and its continuation" => (Rules, Rules + "And then?"),
            "nothing in common" => (Rules, new string('x', Rules.Length)),
            "only a little is behind" => ("Now: 1. Be very brief and friendly, please, to all of them.", "Now: 2. Be very brief and friendly, please, to all of them."),
            "one has nothing there" => (Rules, "Hello! " + Rules),
            _ => (new string('a', 80) + Rules, new string('b', 80) + Rules),
        };

        Assert.Null(PromptDifference.Find(Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(second)));
    }

    [Fact]
    public void Find_RandomTexts_NeverLeavesThem()
    {
        var random = new Random(5);
        byte[] alphabet = [.. "ab 1é"u8];
        for (int i = 0; i < 2000; i++)
        {
            byte[] first = Text(random.Next(600)), second = random.Next(3) == 0 ? [.. first[..(first.Length / 3)], .. Text(random.Next(40)), .. first[(first.Length / 3)..]] : Text(random.Next(600));
            if (PromptDifference.Find(first, second) is { } found)
            {
                Assert.True(found.Start + found.Length + found.Reusable <= second.Length + 1);
                Snippet snippet = Snippet.Around(second, found.Start, found.Length);
                Assert.InRange(snippet.Start + snippet.Length, 0, snippet.Text.Length);
                Assert.InRange(snippet.Text.Length, 0, Snippet.MostCharacters);
            }
        }

        byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)])];
    }
}
