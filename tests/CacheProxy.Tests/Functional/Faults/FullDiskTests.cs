using System.Globalization;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Reading;
using CacheProxy.Tests.Functional.Shared;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Faults;

/// <summary>
/// The program in a process of its own whose kernel refuses to let files grow, as where a disk is full: SQLite's own writes fail, of rows, log and index alike.
/// </summary>
public class FullDiskTests
{
    private static readonly string[] Files = ["ledger.db", "entries.db"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="limit">4 KB: nothing can be written any more, nor a file be opened anew. 128 KB: there is some room first, and a batch that fills it half-way.</param>
    [Theory]
    [InlineData(4096)]
    [InlineData(128 << 10)]
    public async Task FilesThatMayNotGrow_HoldNobodyUp_AndTheSumsFollowOnceTheyMay(long limit)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "prlimit is Linux's.");
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        using ProxyProcess program = await ProxyProcess.StartAsync(upstream.Url, LedgerSums.Priced);
        int asked = 0;
        await AskAsync("before", "CacheProxy; fwd=miss");
        await program.LimitFilesAsync(limit);

        var down = new HashSet<string>();
        await Wait.UntilAsync(
            async () =>
            {
                await AskAsync($"during {asked}", "CacheProxy; fwd=miss");
                string metrics = await program.MetricsAsync();
                down.UnionWith(Files.Where(file => ValueOf(metrics, UpOf(file)) == 0));
                return down.Count == Files.Length;
            },
            "both faults to be seen");
        await AskAsync("before", "CacheProxy; hit; detail=exact");
        foreach (string file in Files)
        {
            Assert.Contains($"{Path.Combine(program.DataFolder, file)} cannot be used", program.Output, StringComparison.Ordinal);
        }

        await program.LimitFilesAsync(null);
        await Wait.UntilAsync(
            async () =>
            {
                string metrics = await program.MetricsAsync();
                return Files.All(file => ValueOf(metrics, UpOf(file)) == 1);
            },
            "both files to work again");
        await AskAsync("after", "CacheProxy; fwd=miss");

        var reader = new LedgerReader(program.DataFolder);
        await Wait.UntilAsync(async () => (await reader.TotalsAsync(LedgerSums.All, Cancellation)).Requests == asked, "every request to be in the sums");
        Assert.Equal(0, ValueOf(await program.MetricsAsync(), "cacheproxy_ledger_lost_total"));
        await LedgerSums.AssertAreThoseOfRowsAsync(reader);
        LedgerTotals totals = await reader.TotalsAsync(LedgerSums.All, Cancellation);
        Assert.Equal((7L * upstream.Calls, 3L * upstream.Calls), (totals.Spent.Prompt, totals.Spent.Completion));
        Assert.All(Files, file => Assert.Equal("ok", LedgerSums.Check(program.DataFolder, file)));

        async Task AskAsync(string question, string status)
        {
            using HttpResponseMessage answer = await program.BeginAsync(ProxyUnderTest.Question(question));
            asked++;
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.StartsWith(status, answer.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);
            Assert.Contains("hello", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    private static string UpOf(string file) => $"cacheproxy_file_up{{cacheproxy_file=\"{file}\"}}";

    /// <returns>Null: the page does not have it.</returns>
    private static double? ValueOf(string metrics, string sample)
        => metrics.Split('\n').FirstOrDefault(line => line.StartsWith(sample + " ", StringComparison.Ordinal)) is { } found
            ? double.Parse(found.Split(' ')[1], CultureInfo.InvariantCulture)
            : null;
}
