using System.Text;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Clients that come and go at random in front of an upstream that fails at random: each ends in exactly one whole answer, one error or one clean cut.</summary>
public class FlightStormTests
{
    private const int Questions = 6;
    private const int Clients = 240;
    private const string AskUsage = ",\"stream_options\":{\"include_usage\":true}";
    private static readonly string[] Words = [.. Enumerable.Range(0, 12).Select(i => $"word{i} ")];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task EveryClient_GetsOneEnd_AndTheTableIsEmptyAfterwards(int seed)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        using var calm = new CancellationTokenSource();
        Task clock = RunClockAsync(proxy, calm.Token);
        proxy.Upstream.Script = (context, call) => MisbehaveAsync(context, proxy.Upstream, new Random((seed * 100_003) + call));
        var random = new Random(seed);

        (bool IsStream, bool HasUsage, int Question, Task<End> End)[] clients = new (bool, bool, int, Task<End>)[Clients];
        for (int i = 0; i < Clients; i++)
        {
            (bool isStream, bool hasUsage, int question) = (random.Next(3) > 0, random.Next(2) == 0, random.Next(Questions));
            int leavesAfter = random.Next(4) == 0 ? random.Next(30) : -1;
            clients[i] = (isStream, hasUsage, question, AskAsync(proxy, isStream, hasUsage, question, leavesAfter));
            if (random.Next(4) == 0)
            {
                await Task.Delay(random.Next(8), TestContext.Current.CancellationToken);
            }
        }

        foreach (var client in clients)
        {
            End end = await client.End.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Check(client.IsStream, client.HasUsage, client.Question, end);
        }

        await Wait.UntilAsync(() => proxy.Flights == 0, "the table to be empty");
        Assert.Equal(0, proxy.Waiters);
        Assert.InRange(proxy.Upstream.Calls, 1, Clients);
        await calm.CancelAsync();
        await clock;
        // Whatever the storm has left behind, a question is answered.
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "calm");
        proxy.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(200, (await proxy.AskAsync("calm")).Status);
    }

    private static void Check(bool isStream, bool hasUsage, int question, End end)
    {
        string whole = Stream(question, hasUsage);
        // An object's entry replayed as a stream has another spelling, which is the object's from its first byte to its last.
        bool isReplayedObject = isStream && end.Text.Contains("chatcmpl-1", StringComparison.Ordinal);
        switch (end.Kind)
        {
            case EndKind.Whole when end.Status == 200 && isReplayedObject:
                Assert.DoesNotContain("chatcmpl-2", end.Text);
                Assert.Contains($"question {question}\"", end.Text);
                Assert.EndsWith(Answers.Done, end.Text);
                break;
            case EndKind.Whole when end.Status == 200 && isStream:
                Assert.Equal(whole, end.Text);
                break;
            case EndKind.Whole when end.Status == 200:
                Assert.Contains($"question {question}", end.Text);
                Assert.EndsWith("}", end.Text.TrimEnd());
                break;
            case EndKind.Whole:
                Assert.Contains(end.Status, (int[])[500, 502, 503]);
                break;
            case EndKind.Cut or EndKind.Left when isStream && end.Status == 200 && !isReplayedObject:
                // What came is the beginning of the one answer, never a mix of two.
                Assert.StartsWith(end.Text, whole);
                break;
            default:
                break;
        }
    }

    // Retries, holds and breakers wait on it.
    private static async Task RunClockAsync(ProxyUnderTest proxy, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            proxy.Clock.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private static async Task MisbehaveAsync(HttpContext context, ScriptedUpstream upstream, Random random)
    {
        (string _, Dictionary<string, string> _, string body) = upstream.Requests.Last(request => request.Headers["X-Call"] == context.Request.Headers["X-Call"]);
        int question = int.Parse(body.AsSpan(body.IndexOf("question ", StringComparison.Ordinal) + 9, 1));
        bool isStream = body.Contains("\"stream\":true", StringComparison.Ordinal);
        int fate = random.Next(10);
        await Task.Delay(random.Next(10), context.RequestAborted);
        if (fate == 0)
        {
            context.Response.StatusCode = 500;
            return;
        }

        if (fate == 1)
        {
            context.Abort();
            return;
        }

        if (!isStream)
        {
            await Answers.ObjectAsync(context, $"question {question}");
            return;
        }

        int breaks = fate == 2 ? random.Next(Words.Length) : -1;
        await Answers.StreamAsync(
            context,
            [$"question {question} ", .. Words],
            async i =>
            {
                if (i == breaks)
                {
                    context.Abort();
                    context.RequestAborted.ThrowIfCancellationRequested();
                }

                await Task.Delay(random.Next(4), context.RequestAborted);
            },
            usage: body.Contains("include_usage", StringComparison.Ordinal));
    }

    private static string Stream(int question, bool usage)
    {
        string stream = Answers.Stream([$"question {question} ", .. Words]);
        return usage ? stream[..^Answers.Done.Length] + Answers.UsageChunk + Answers.Done : stream;
    }

    private static async Task<End> AskAsync(ProxyUnderTest proxy, bool isStream, bool hasUsage, int question, int leavesAfter)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        if (leavesAfter >= 0)
        {
            leaving.CancelAfter(leavesAfter);
        }

        var text = new StringBuilder();
        int status = 0;
        try
        {
            string body = ProxyUnderTest.Question($"question {question}", isStream, isStream && hasUsage ? AskUsage : "");
            using HttpResponseMessage response = await proxy.BeginAsync(body, [("X-Call", Guid.NewGuid().ToString())], cancellationToken: leaving.Token);
            status = (int)response.StatusCode;
            Stream stream = await response.Content.ReadAsStreamAsync(leaving.Token);
            byte[] bytes = new byte[1024];
            while (await stream.ReadAsync(bytes, leaving.Token) is var count and > 0)
            {
                text.Append(Encoding.UTF8.GetString(bytes, 0, count));
            }

            return new End(EndKind.Whole, status, text.ToString());
        }
        catch (OperationCanceledException)
        {
            return new End(EndKind.Left, status, text.ToString());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new End(EndKind.Cut, status, text.ToString());
        }
    }

    private sealed record End(EndKind Kind, int Status, string Text);

    private enum EndKind
    {
        Whole,
        Cut,
        Left,
    }
}
