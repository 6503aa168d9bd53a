using System.Diagnostics;
using CacheProxy.Budget;
using CacheProxy.Exchange;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Benchmarks;

/// <summary>What budgets cost a miss, by processor time: finding those that it counts in, asking them, setting aside and settling. Hits never come there.</summary>
internal sealed class BudgetBenchmark : IBenchmark
{
    private const int Runs = 5;
    private const int Each = 500_000;
    private const int Budgets = 20;

    public string Name => "budget";

    public string Summary => "budgets on the way of a miss: nanoseconds and bytes where none of 20 fits, one does, three do";

    public Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        foreach (int fitting in (int[])[0, 1, 3])
        {
            BudgetBook book = CreateBook(fitting);
            ExchangeFeature exchange = Request();
            if (book.Find(exchange).Length != fitting || (fitting > 0 && book.TryAdd(book.Find(exchange), new BudgetAmount(1, 10, 10)) is not null))
            {
                throw new InvalidOperationException("The request does not count where it should.");
            }

            (double find, double findBytes) = Measure(() => book.Find(exchange));
            (double whole, double wholeBytes) = Measure(() =>
            {
                AccountWindow[] judged = book.Find(exchange);
                book.Judge(judged, new BudgetAmount(1, 300, 1000));
                AccountWindow[] windows = book.Find(exchange);
                book.TryAdd(windows, new BudgetAmount(1, 300, 1000));
                lock (book.Lock)
                {
                    Array.ForEach(windows, window => window.Add(new BudgetAmount(-1, -300, -1000)));
                }
            });
            Console.WriteLine($"{fitting} of {Budgets} budgets fit: finding them {find:F0} ns, {findBytes:F0} bytes; all of a miss {whole:F0} ns, {wholeBytes:F0} bytes");
        }

        return Task.CompletedTask;
    }

    private static (double Nanoseconds, double Bytes) Measure(Action action)
    {
        for (int i = 0; i < Each / 5; i++)
        {
            action();
        }

        using var process = Process.GetCurrentProcess();
        var times = new List<double>();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < Runs; run++)
        {
            process.Refresh();
            TimeSpan start = process.TotalProcessorTime;
            for (int i = 0; i < Each; i++)
            {
                action();
            }

            process.Refresh();
            times.Add((process.TotalProcessorTime - start).TotalNanoseconds / Each);
        }

        times.Sort();
        return (times[Runs / 2], (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Runs * Each));
    }

    private static BudgetBook CreateBook(int fitting)
    {
        var options = new BudgetsOptions();
        for (int i = 0; i < Budgets; i++)
        {
            options.Add(new BudgetOptions
            {
                Name = $"b{i}",
                Tenant = i < fitting ? "*" : $"team-{i}-*,other-{i}",
                Model = i < fitting ? "gpt-*" : "",
                Window = BudgetWindow.Month,
                Requests = 1_000_000_000_000,
                Tokens = 1_000_000_000_000,
                Money = 1_000_000,
            });
        }

        var tenants = new Fixed<TenantOptions>(new TenantOptions());
        var secret = new InstallationSecret(new string('s', 32), "", NullLogger<InstallationSecret>.Instance);
        return new BudgetBook(new Fixed<BudgetsOptions>(options), new TenantNames(secret, tenants, NullLogger<TenantNames>.Instance), new ScopeResolver(secret, tenants), TimeProvider.System);
    }

    private static ExchangeFeature Request() => new()
    {
        Dialect = Dialect.OpenAIChat,
        Scope = new Scope(new Fingerprint256(Enumerable.Range(0, Fingerprint256.SizeBytes).Select(i => (byte)i).ToArray())),
        Body = new byte[2000],
        Facts = new RequestFacts { Model = "gpt-4o-mini", User = "somebody" },
    };

    private sealed class Fixed<T>(T value) : IOptionsMonitor<T>
    {
        public T CurrentValue => value;

        public T Get(string? name) => value;

        public IDisposable? OnChange(Action<T, string?> listener) => null;
    }
}
