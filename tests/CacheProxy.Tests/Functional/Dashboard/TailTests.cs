using System.Text;
using System.Text.Json;
using CacheProxy.Dashboard.Tail;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using static CacheProxy.Tests.Functional.Dashboard.DashboardCall;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>Requests as they come.</summary>
public class TailTests
{
    [Fact]
    public async Task Rows_ComeAsTheyAreAnswered_WithoutAnyText()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await using Stream tail = await OpenAsync(proxy, "/tail");

        await proxy.AskAsync("what nobody may see");
        JsonElement row = await NextAsync(tail, "row");

        Assert.Equal(("miss", "m", 200, "client"), (row.GetProperty("outcome").GetString(), row.GetProperty("model").GetString(), row.GetProperty("status").GetInt32(), row.GetProperty("work").GetString()));
        Assert.DoesNotContain("nobody may see", row.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hello", row.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_OfAFilter_ComeAlone()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await using Stream tail = await OpenAsync(proxy, "/tail?outcome=exact");

        await proxy.AskAsync();
        await Wait.UntilAsync(async () => (await proxy.AskAsync()).CacheStatus!.Contains("detail=exact", StringComparison.Ordinal), "the answer is stored");

        Assert.Equal("exact", (await NextAsync(tail, "row")).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task SlowReader_LosesRowsAndIsTold_AndHoldsUpNobody()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var ledger = proxy.Services.GetRequiredService<TailObserver>();
        await using Stream tail = await OpenAsync(proxy, "/tail");

        // Nobody reads: the connection's buffers fill, then the queue.
        string model = new('m', 200);
        for (int i = 0; i < 100_000; i++)
        {
            ledger.OnAdded(new LedgerRow { Time = proxy.Clock.GetUtcNow(), Model = model, Outcome = CacheOutcome.Exact, Status = 200 });
        }

        JsonElement dropped = await NextAsync(tail, "dropped");
        Assert.InRange(dropped.GetProperty("dropped").GetInt64(), 1, 100_000);
    }

    [Fact]
    public async Task Readers_BeyondTheLimit_AreRefused_AndLeaveTheirPlace()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var observer = proxy.Services.GetRequiredService<TailObserver>();
        var tails = new List<Stream>();
        for (int i = 0; i < TailObserver.MostReaders; i++)
        {
            tails.Add(await OpenAsync(proxy, "/tail"));
        }

        Assert.Equal(503, (await proxy.ApiAsync("/tail")).Status);

        foreach (Stream tail in tails)
        {
            await tail.DisposeAsync();
        }

        await Wait.UntilAsync(() => Task.FromResult(observer.Readers == 0), "those who have gone are forgotten");
    }

    [Fact]
    public async Task Session_ThatEnds_EndsTheTail()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new(Keys) { ["Admin:SessionMinutes"] = "1" });
        await using Stream tail = await OpenAsync(proxy, "/tail", await proxy.SignInAsync());

        await Wait.UntilAsync(
            () =>
            {
                proxy.Clock.Advance(TimeSpan.FromSeconds(15));
                return Task.FromResult(proxy.Services.GetRequiredService<TailObserver>().Readers == 0);
            },
            "the tail ends with its session");
        using var reader = new StreamReader(tail);
        Assert.StartsWith(": open", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<Stream> OpenAsync(ProxyUnderTest proxy, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Api + path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        HttpResponseMessage response = await proxy.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> NextAsync(Stream tail, string name)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        bool isNext = false;
        while (await tail.ReadAsync(one, TestContext.Current.CancellationToken) > 0)
        {
            if (one[0] != '\n')
            {
                line.Append((char)one[0]);
                continue;
            }

            string text = line.ToString();
            line.Clear();
            if (isNext && text.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(text[6..]).RootElement;
            }

            isNext = text == "event: " + name;
        }

        throw new EndOfStreamException();
    }
}
