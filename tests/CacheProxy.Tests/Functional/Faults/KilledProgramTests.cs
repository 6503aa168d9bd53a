using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Reading;
using CacheProxy.Tests.Functional.Shared;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Faults;

/// <summary>The program in a process of its own, killed while clients ask it, and started again over what it left.</summary>
public class KilledProgramTests
{
    // Rows are written every half second. On a busy machine the thread that writes them, and this process that takes the time, may wait for a turn:
    // what is a second old for certain is taken to be two.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ledger_KilledInTheMiddleOfTraffic_HasAllButTheLastSecondAndSumsThatAreItsRows()
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        using ProxyProcess program = await ProxyProcess.StartAsync(upstream.Url, LedgerSums.Priced);
        Client[] clients = [.. Enumerable.Range(0, 3).Select(i => new Client(program, $"model-{i}"))];
        Task[] asking = [.. clients.Select(client => client.AskForeverAsync())];
        await Wait.UntilAsync(() => clients.All(client => client.AnsweredBefore(Stopwatch.GetTimestamp(), Kept) >= 20), "rows that are to be there");
        long killed = Stopwatch.GetTimestamp();
        program.Kill();
        await Task.WhenAll(asking);

        await program.StartAsync();

        var reader = new LedgerReader(program.DataFolder);
        List<LedgerRow> rows = await LedgerSums.RowsAsync(reader);
        foreach (Client client in clients)
        {
            // One more may have a row and no reader: its answer was under way.
            Assert.InRange(rows.Where(row => row.Model == client.Model).Sum(row => row.Requests), client.AnsweredBefore(killed, Kept), client.Answered + 1);
        }

        Assert.Contains(rows, row => row.Outcome == CacheOutcome.Miss);
        Assert.Contains(rows, row => row.Outcome == CacheOutcome.Exact);
        await LedgerSums.AssertAreThoseOfRowsAsync(reader);
        Assert.Equal("ok", LedgerSums.Check(program.DataFolder, "ledger.db"));
        Assert.Equal("ok", LedgerSums.Check(program.DataFolder, "entries.db"));
        Assert.DoesNotContain(".db", program.Output, StringComparison.Ordinal);

        using HttpResponseMessage after = await program.BeginAsync(ProxyUnderTest.Question("after"));
        Assert.Equal(200, (int)after.StatusCode);
        await Wait.UntilAsync(async () => (await reader.TotalsAsync(LedgerSums.All, Cancellation)).Requests == rows.Sum(row => row.Requests) + 1, "the next row");
        await LedgerSums.AssertAreThoseOfRowsAsync(reader);
    }

    /// <summary>Asks every question twice, one at a time, until nobody answers any more.</summary>
    private sealed class Client(ProxyProcess program, string model)
    {
        private readonly Lock _lock = new();
        private readonly List<long> _answered = [];

        public string Model => model;

        public int Answered
        {
            get
            {
                lock (_lock)
                {
                    return _answered.Count;
                }
            }
        }

        public int AnsweredBefore(long timestamp, TimeSpan age)
        {
            lock (_lock)
            {
                return _answered.Count(answered => Stopwatch.GetElapsedTime(answered, timestamp) >= age);
            }
        }

        public async Task AskForeverAsync()
        {
            try
            {
                for (int i = 0; ; i++)
                {
                    string question = ProxyUnderTest.Question($"question {i / 2}").Replace("\"m\"", $"\"{model}\"", StringComparison.Ordinal);
                    using HttpResponseMessage answer = await program.BeginAsync(question);
                    Assert.Equal(200, (int)answer.StatusCode);
                    await answer.Content.ReadAsByteArrayAsync(Cancellation);
                    lock (_lock)
                    {
                        _answered.Add(Stopwatch.GetTimestamp());
                    }

                    // It is not about speed: other tests run beside this one.
                    await Task.Delay(TimeSpan.FromMilliseconds(5), Cancellation);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // It was killed.
            }
        }
    }
}
