using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Functional.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>Some hundred requests in every dialect through the whole program: what the provider billed is what the figures say was paid, and what a hit spared was billed once.</summary>
public sealed class HttpAgreementTests
{
    private const int Requests = 400;

    // Nanodollars: 3 picodollars less and every sum would be another.
    private const long InputPicodollars = 1_500_001, CachedPicodollars = 150_007, OutputPicodollars = 6_000_011;

    private static readonly Dialect[] Dialects = [Dialect.OpenAIChat, Dialect.OpenAICompletions, Dialect.OpenAIResponses, Dialect.AnthropicMessages];

    [Fact]
    public async Task Figures_OfRequestsInEveryDialect_AreWhatTheProviderBilled()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            new() { ["Exact:ShareDialects"] = "false", ["Exact:AllowTruncated"] = "true" },
            services => services.RemoveAll<IPriceBook>().AddSingleton<IPriceBook>(new FixedPrices()));
        var bills = new Dictionary<string, long>();
        proxy.Upstream.Script = (context, call) =>
        {
            // The script's calls come one after the other, as the requests do.
            string body = proxy.Upstream.Requests.Last().Body;
            return DialectScript.AnswerAsync(context, call, body);
        };
        (FigureSums truth, var random) = (default, new Random(7));
        for (int i = 0; i < Requests; i++)
        {
            Dialect dialect = Dialects[random.Next(Dialects.Length)];
            string question = random.Next(40) == 0 ? "fail" : $"question {(int)(30 * random.NextDouble() * random.NextDouble())}";
            (int who, bool stream, bool warm) = (random.Next(3), random.Next(2) == 0, random.Next(12) == 0);
            int before = proxy.Upstream.Calls;
            Reply reply = await proxy.PostAsync(
                DialectScript.PathOf(dialect), DialectScript.Body(dialect, question, stream, warm ? ",\"temperature\":1.9" : ""),
                ("Authorization", $"Bearer key-{who}"), ("anthropic-version", "2023-06-01"));
            bool asked = proxy.Upstream.Calls > before;
            string key = $"{who} {dialect} {question}";
            truth += Expected(question, warm, asked, asked ? Bill(proxy.Upstream.Calls) : bills.GetValueOrDefault(key));
            Assert.Equal(question == "fail" ? 400 : 200, reply.Status);
            if (asked && !warm && question != "fail")
            {
                bills[key] = Bill(proxy.Upstream.Calls);
            }

            await SettledAsync(proxy);
        }

        JsonElement totals = (await proxy.ApiAsync("/summary?since=1h")).Json.GetProperty("totals");
        Assert.Equal(truth, FigureSums.OfDashboard(totals));
        Assert.InRange(truth.Exact, Requests / 4, Requests);
    }

    private static FigureSums Expected(string question, bool warm, bool asked, long bill) => new()
    {
        Requests = 1,
        Exact = asked ? 0 : 1,
        Miss = asked && !warm ? 1 : 0,
        Bypass = asked && warm ? 1 : 0,
        // A refusal costs nothing.
        Paid = asked && question != "fail" ? bill : 0,
        Saved = asked ? 0 : bill,
    };

    private static long Bill(int call)
    {
        (int prompt, int cached, int completion) = DialectScript.UsageOf(call);
        return (long)Math.Round((((prompt - cached) * (decimal)InputPicodollars) + (cached * (decimal)CachedPicodollars) + (completion * (decimal)OutputPicodollars)) / 1000, MidpointRounding.AwayFromZero);
    }

    // An answer becomes an entry after its client has it.
    private static async Task SettledAsync(ProxyUnderTest proxy)
    {
        while (proxy.Flights > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private sealed class FixedPrices : IPriceBook
    {
        private static readonly ModelPrice Price = new()
        {
            Model = "m",
            Provider = "p",
            Input = InputPicodollars,
            CachedInput = CachedPicodollars,
            Output = OutputPicodollars,
            Source = "test",
        };

        public ModelPrice? Find(string model, string? upstreamKind, DateTimeOffset at) => Price;

        public void TellUnknown(string model) => Assert.Fail(model);
    }
}
