using CacheProxy.Exchange.Routes;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Ledger.Prices;

public class PriceBookTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly PriceFile s_file = PriceFile.Read(Repository.File("config", PriceFile.FileName));

    [Theory]
    [InlineData("gpt-4o-mini", "openai", 0.15)]
    [InlineData("gpt-4o-mini-2024-07-18", "openai", 0.15)]
    [InlineData("openai/gpt-4o-mini", "compatible", 0.15)]
    [InlineData("GPT-4o-mini", null, 0.15)]
    // Azure takes more for it, and OpenAI's own price where its table has none.
    [InlineData("gpt-4o-mini", "azure", 0.165)]
    [InlineData("azure/gpt-4o-mini-2024-07-18", "compatible", 0.165)]
    [InlineData("gpt-5.6-sol", "azure", 5)]
    // A version of another price has a row of its own.
    [InlineData("gpt-4o-2024-05-13", "openai", 5)]
    [InlineData("gpt-4o-2024-08-06", "openai", 2.5)]
    [InlineData("claude-sonnet-4-5-20250929", "anthropic", 3)]
    [InlineData("claude-3-5-haiku-latest", "anthropic", 0.8)]
    [InlineData("claude-haiku-4-5-20251001", "anthropic", 1)]
    [InlineData("anthropic/claude-opus-4.5", "compatible", 5)]
    [InlineData("claude-opus-4-1@20250805", "anthropic", 15)]
    [InlineData("gemini/gemini-2.5-pro", "compatible", 1.25)]
    [InlineData("models/gemini-2.5-flash", "compatible", 0.3)]
    [InlineData("text-embedding-3-small", "openai", 0.02)]
    public void Model_ByAnyOfItsNames_HasItsPrice(string model, string? kind, double usd)
        => Assert.Equal(TokenRates.Picodollars((decimal)usd), CreateSut().Find(model, kind, s_now)!.Input);

    [Theory]
    [InlineData("my-deployment", "azure")]
    [InlineData("gpt-4o-mini", "anthropic")]
    [InlineData("somehost/gpt-4o-mini", "compatible")]
    [InlineData("llama-3.3-70b", "vllm")]
    // A machine's answers are paid by the hour, whatever the model is called.
    [InlineData("gpt-4o-mini", "vllm")]
    [InlineData("smollm2-135m-instruct", "cacheproxy")]
    [InlineData("ft:no-such-base:me::1", "openai")]
    [InlineData("", "openai")]
    public void Model_ThatNobodySellsSo_HasNone(string model, string kind)
        => Assert.Null(CreateSut().Find(model, kind, s_now));

    [Fact]
    public void Price_IsThatOfTheTime()
    {
        PriceBook book = CreateSut();

        Assert.Equal(2_000_000, book.Find("claude-sonnet-5", "anthropic", new DateTimeOffset(2026, 8, 31, 23, 59, 59, TimeSpan.Zero))!.Input);
        Assert.Equal(3_000_000, book.Find("claude-sonnet-5", "anthropic", new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero))!.Input);
        // Days change at midnight UTC, wherever the proxy is.
        Assert.Equal(2_000_000, book.Find("claude-sonnet-5", "anthropic", new DateTimeOffset(2026, 9, 1, 1, 0, 0, TimeSpan.FromHours(2)))!.Input);
        Assert.Equal(1_000_000, book.Find("gpt-5.6-luna", "openai", new DateTimeOffset(2026, 7, 29, 0, 0, 0, TimeSpan.Zero))!.Input);
        Assert.Equal(200_000, book.Find("gpt-5.6-luna", "openai", s_now)!.Input);
    }

    [Fact]
    public void Override_GoesFirst_ForItsUpstreamAlone_AndReloads()
    {
        var options = new Changing(new LedgerOptions { Prices = [new PriceOverride { Model = "gpt-4o*, other", Upstream = "eu", Input = 9, Output = 9 }, new PriceOverride { Model = "llama*", Input = 0.5m, Output = 1 }] });
        using var book = new PriceBook(s_file, options, NullLogger<PriceBook>.Instance);

        Assert.Equal(9_000_000, book.FindFor("gpt-4o-mini", Target("eu", "openai"), s_now)!.Input);
        Assert.Equal(150_000, book.FindFor("gpt-4o-mini", Target("us", "openai"), s_now)!.Input);
        Assert.Equal(500_000, book.FindFor("llama-3", Target("own", "vllm"), s_now)!.Input);

        options.Set(new LedgerOptions { Prices = [new PriceOverride { Model = "gpt-4o-mini", Input = 7, Output = 7 }] });

        Assert.Equal(7_000_000, book.FindFor("gpt-4o-mini", Target("us", "openai"), s_now)!.Input);
        Assert.Null(book.FindFor("llama-3", Target("own", "vllm"), s_now));
    }

    [Fact]
    public void KnownModel_IsFoundWithoutAllocation()
    {
        PriceBook book = CreateSut();
        UpstreamTarget target = Target("o", "openai");
        Find();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Find();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Find()
        {
            for (int i = 0; i < 100; i++)
            {
                book.FindFor("gpt-4o-mini-2024-07-18", target, s_now);
                book.FindFor("nobody-knows", target, s_now);
            }
        }
    }

    [Fact]
    public void UnknownModels_AreToldOnce_AndMadeUpNamesDoNotGrowTheBook()
    {
        PriceBook book = CreateSut();
        for (int i = 0; i < 20_000; i++)
        {
            Assert.Null(book.Find($"made-up-{i}", "openai", s_now));
            book.TellUnknown($"made-up-{i}");
            book.TellUnknown("again");
        }

        Assert.InRange(book.UnknownModels, 2, 5000);
    }

    [Fact]
    public void NoFile_KnowsOverridesAlone()
    {
        using var book = new PriceBook(null, new Changing(new LedgerOptions { Prices = [new PriceOverride { Model = "m", Input = 1, Output = 1 }] }), NullLogger<PriceBook>.Instance);

        Assert.NotNull(book.Find("m", "openai", s_now));
        Assert.Null(book.Find("gpt-4o", "openai", s_now));
    }

    private static PriceBook CreateSut() => new(s_file, new Changing(new LedgerOptions()), NullLogger<PriceBook>.Instance);

    private static UpstreamTarget Target(string name, string kind) => new() { Name = name, BaseUrl = "http://x", Kind = kind };

    private sealed class Changing(LedgerOptions first) : IOptionsMonitor<LedgerOptions>
    {
        private Action<LedgerOptions, string?>? _listener;

        public LedgerOptions CurrentValue { get; private set; } = first;

        public LedgerOptions Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<LedgerOptions, string?> listener)
        {
            _listener = listener;
            return null;
        }

        public void Set(LedgerOptions options)
        {
            CurrentValue = options;
            _listener?.Invoke(options, null);
        }
    }
}
