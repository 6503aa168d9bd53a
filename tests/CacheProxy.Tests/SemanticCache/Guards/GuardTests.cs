using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.Tests.SemanticCache.Guards;

/// <summary>Each guard against its rows of guard_pairs.tsv (guard, vetoes, question, question), both ways round.</summary>
public sealed class GuardTests
{
    public static TheoryData<string, bool, string, string> Pairs()
    {
        var data = new TheoryData<string, bool, string, string>();
        foreach (string[] row in SemanticFixtures.Rows("guard_pairs.tsv"))
        {
            data.Add(row[0], row[1] == "1", row[2], row[3]);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Vetoes_Pair_AsTheTableSaysInBothOrders(string guard, bool vetoes, string left, string right)
    {
        ISemanticGuard sut = GuardChain.All.Single(g => g.Name == guard);

        Assert.Equal(vetoes, sut.Vetoes(new TextPair(new QuestionText(left), new QuestionText(right))));
        Assert.Equal(vetoes, sut.Vetoes(new TextPair(new QuestionText(right), new QuestionText(left))));
    }

    [Fact]
    public void Pairs_EveryGuard_HasAtLeastFifteenAndBothVerdicts()
    {
        ILookup<string, string> verdicts = SemanticFixtures.Rows("guard_pairs.tsv").ToLookup(row => row[0], row => row[1]);

        Assert.Equal(GuardChain.Names.Order(), verdicts.Select(group => group.Key).Order());
        Assert.All(verdicts, group => Assert.True(group.Count() >= 15 && group.Distinct().Count() == 2, group.Key));
    }

    [Fact]
    public void Guards_TheSameText_NeverVeto()
    {
        foreach (string text in SemanticFixtures.Rows("guard_pairs.tsv").SelectMany(row => row[2..]).Concat(OddTexts))
        {
            var question = new QuestionText(text);
            Assert.Null(new GuardChain().FirstVeto(question, new QuestionText(text)));
            Assert.Null(new GuardChain().FirstVeto(question, new QuestionText($" {text}\u200B ")));
        }
    }

    [Fact]
    public void Guards_OddTexts_NeverThrow()
    {
        var chain = new GuardChain();
        foreach (string left in OddTexts)
        {
            foreach (string right in OddTexts)
            {
                _ = chain.FirstVeto(new QuestionText(left), new QuestionText(right));
            }
        }
    }

    [Fact]
    public void FirstVeto_DisabledGuard_IsNotAsked()
    {
        var cached = new QuestionText("Name three fruits");
        var asked = new QuestionText("Name four fruits");

        Assert.Equal("numbers", new GuardChain().FirstVeto(cached, asked));
        Assert.NotEqual("numbers", new GuardChain(["numbers"]).FirstVeto(cached, asked));
    }

    [Fact]
    public void Constructor_UnknownGuard_SaysWhichAreKnown()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new GuardChain(["numbrs"]));

        Assert.Contains("'numbrs'", error.Message);
        Assert.Contains("word-order", error.Message);
    }

    private static IReadOnlyList<string> OddTexts { get; } =
    [
        "", " ", "?", "a", "'s", "\"", "“", "''", "I", "one", "1", "🙂🙃", "\uD800", "don't", "n't", "--", "-1", "$", "...", "a/b", "C#", "你好吗", "مرحبا كيف", "how many",
        "from", "to", "than", "from to into than", "1,2,3", "9999999999999999999999999999999999 million", "a' b' c'", new('x', 5000), new('1', 5000), "\u202Eabc\u200F",
    ];
}
