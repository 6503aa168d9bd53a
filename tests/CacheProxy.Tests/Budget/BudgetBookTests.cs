using CacheProxy.Budget;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Budget;

public class BudgetBookTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData("", "", 1)]
    [InlineData("gpt-4o", "", 1)]
    [InlineData("gpt-*,claude-*", "", 1)]
    [InlineData("*", "", 1)]
    [InlineData("gpt-4", "", 0)]
    [InlineData("", "alice", 0)]
    [InlineData("", "bob", 1)]
    [InlineData("", "*", 1)]
    public void Request_CountsWhereModelAndUserFit(string model, string user, int windows)
        => Assert.Equal(windows, Node(new BudgetOptions { Requests = 1, Model = model, User = user }).Windows("gpt-4o", "bob").Length);

    [Fact]
    public void CallsOfTheEmbedder_CountInTheBudgetsOfAll_AndInNobodysOwn()
    {
        using BudgetNode node = Node(new BudgetOptions { Requests = 9 }, new BudgetOptions { Requests = 9, Tenant = "*" }, new BudgetOptions { Requests = 9, Model = "e" }, new BudgetOptions { Requests = 9, Model = "m" });
        var calls = new OwnCalls(node.Book);
        LedgerRow row = new() { Time = DateTimeOffset.UnixEpoch, Work = LedgerWork.Embedding, Model = "e", Usage = new TokenCounts(40, 0), Paid = new Money(7) };

        calls.OnAdded(row);
        calls.OnAdded(row with { Paid = null });
        calls.OnAdded(row with { Work = LedgerWork.Client });

        AccountWindow[] windows = node.Book.FindForAll("e");
        Assert.Equal(2, windows.Length);
        Assert.All(windows, window => Assert.Equal((new BudgetAmount(2, 80, 7), 1L), (window.Used, window.Unpriced)));
        Assert.Equal(default, node.Book.FindForAll("m").Single(window => !windows.Contains(window)).Used);
    }

    [Fact]
    public void Patterns_ShareOneAccount_AStarAloneGivesEachItsOwn()
    {
        using BudgetNode together = Node(new BudgetOptions { Requests = 1, Model = "gpt-*" }), each = Node(new BudgetOptions { Requests = 1, Model = "*" });

        Assert.Same(together.Windows("gpt-4o")[0], together.Windows("gpt-5")[0]);
        Assert.NotSame(each.Windows("gpt-4o")[0], each.Windows("gpt-5")[0]);
        Assert.Same(each.Windows("gpt-4o")[0], each.Windows("gpt-4o")[0]);
    }

    [Fact]
    public void ReservingAndSettling_AtRandom_NeverGoesBeyondALimit_AndEndsAtTheTruth()
    {
        var random = new Random(7);
        using BudgetNode node = Node(new BudgetOptions { Requests = 5000, Tokens = 100_000 }, new BudgetOptions { Tokens = 60_000, Model = "a" });
        var open = new List<(AccountWindow[] Windows, BudgetAmount Aside)>();
        BudgetAmount truth = default, truthOfA = default;
        for (int i = 0; i < 20_000; i++)
        {
            if (open.Count > 0 && random.Next(2) == 0)
            {
                int which = random.Next(open.Count);
                (AccountWindow[] windows, BudgetAmount aside) = open[which];
                open.RemoveAt(which);
                // Never more than was set aside: the estimate is an upper bound here, so no limit may ever be passed.
                var spent = new BudgetAmount(1, random.NextInt64(aside.Tokens + 1), 0);
                Array.ForEach(windows, window => window.Add(spent - aside));
                truth += spent;
                truthOfA += windows.Length == 2 ? spent : default;
            }
            else
            {
                AccountWindow[] windows = node.Windows(random.Next(2) == 0 ? "a" : "b");
                var aside = new BudgetAmount(1, random.Next(200), 0);
                if (node.Book.TryAdd(windows, aside) is null)
                {
                    open.Add((windows, aside));
                }
            }

            Assert.All(node.Windows("a"), window => Assert.True(window.Used.Tokens <= window.Account.Rule.Limits.Tokens));
            Assert.True(node.Used.Requests <= 5000);
        }

        foreach ((AccountWindow[] windows, BudgetAmount aside) in open)
        {
            Array.ForEach(windows, window => window.Add(default(BudgetAmount) - aside));
        }

        Assert.Equal([truth, truthOfA], node.Windows("a").Select(window => window.Used));
        Assert.True(truth.Tokens > 90_000, "the limit was never near");
    }

    [Fact]
    public void Accounts_ThatClientsMakeUp_AreBounded_AndRoomIsMadeByANewWindow()
    {
        using BudgetNode node = Node(new BudgetOptions { Requests = 5, Model = "*", Window = BudgetWindow.Hour });
        for (int i = 0; i < 10_000; i++)
        {
            node.Windows($"model-{i}");
        }

        Assert.Equal(AccountKey.OthersOf("b0"), node.Windows("one more")[0].Account.Key);
        Assert.Same(node.Windows("one more")[0], node.Windows("and another")[0]);
        Assert.Equal("model-7", node.Windows("model-7")[0].Account.Key.Model);
        Assert.Equal(AccountKey.OthersOf("b0"), node.Windows(new string('x', 300))[0].Account.Key);

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("one more", node.Windows("one more")[0].Account.Key.Model);
    }

    [Fact]
    public void Reload_KeepsCounts_UnlessWhatIsCountedApartChanges()
    {
        using BudgetNode node = Node(new BudgetOptions { Requests = 5, Model = "m*" });
        node.Add(new BudgetAmount(3, 0, 0));

        node.Options.CurrentValue = BudgetNode.Limits(new BudgetOptions { Requests = 2, Model = "m" });
        Assert.Equal(3, node.Used.Requests);
        node.Options.CurrentValue = [];
        Assert.Empty(node.Windows());
        node.Options.CurrentValue = BudgetNode.Limits(new BudgetOptions { Requests = 9 });
        Assert.Equal(3, node.Used.Requests);
        node.Options.CurrentValue = BudgetNode.Limits(new BudgetOptions { Requests = 9, Model = "*" });
        Assert.Equal(0, node.Used.Requests);
        Assert.Single(node.Book.Present);
    }

    [Fact]
    public void RequestThatFitsNoBudget_CostsNoMemory()
    {
        using BudgetNode node = Node(new BudgetOptions { Requests = 5, Model = "other" }, new BudgetOptions { Requests = 5, User = "nobody" });
        var exchange = new ExchangeFeature
        {
            Dialect = Dialect.OpenAIChat,
            Scope = new Scope(Stores.SampleEntries.Fingerprint(1)),
            Body = default,
            Facts = new RequestFacts { Model = "m" },
        };
        node.Book.Find(exchange);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            node.Book.Find(exchange);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private BudgetNode Node(params BudgetOptions[] budgets) => new(BudgetNode.Limits(budgets), time: _clock);
}
