using System.Diagnostics;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;

namespace CacheProxy.Benchmarks;

/// <summary>What a hit costs more when it is asked for in another mode or dialect than it was recorded in: the writing of its body, by processor time.</summary>
internal sealed class ConvertBenchmark : IBenchmark
{
    private const int Warm = 3000;
    private const int Runs = 5;
    private const int Each = 10_000;

    private static readonly (string Name, Dialect Dialect, bool IsStream)[] s_targets =
    [
        ("chat, object", Dialect.OpenAIChat, false), ("chat, stream", Dialect.OpenAIChat, true),
        ("responses, object", Dialect.OpenAIResponses, false), ("responses, stream", Dialect.OpenAIResponses, true),
        ("messages, object", Dialect.AnthropicMessages, false), ("messages, stream", Dialect.AnthropicMessages, true),
    ];

    public string Name => "convert";

    public string Summary => "a hit in another mode or dialect than recorded: microseconds and bytes to write its body, 200 tokens";

    public Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        foreach (bool isStream in new[] { false, true })
        {
            CanonicalAnswer answer = Record(isStream);
            foreach ((string name, Dialect dialect, bool asStream) in s_targets.Where(target => target.Dialect != Dialect.OpenAIChat || target.IsStream != isStream))
            {
                if (!Encoding.UTF8.GetString(Write(answer, dialect, asStream)).Contains("word199", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"{name} does not say what was recorded.");
                }

                (double microseconds, double bytes) = Measure(answer, dialect, asStream);
                Console.WriteLine(
                    $"recorded as chat, {(isStream ? "stream" : "object")}; asked as {name}: {microseconds:F1} us, {bytes / 1024:F1} KiB allocated, body {Write(answer, dialect, asStream).Length / 1024.0:F1} KiB");
            }
        }

        return Task.CompletedTask;
    }

    private static (double Microseconds, double Bytes) Measure(CanonicalAnswer answer, Dialect dialect, bool asStream)
    {
        for (int i = 0; i < Warm; i++)
        {
            Write(answer, dialect, asStream);
        }

        using var process = Process.GetCurrentProcess();
        var times = new List<double>();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < Runs; run++)
        {
            TimeSpan start = process.TotalProcessorTime;
            for (int i = 0; i < Each; i++)
            {
                Write(answer, dialect, asStream);
            }

            process.Refresh();
            times.Add((process.TotalProcessorTime - start).TotalMicroseconds / Each);
        }

        return (Statistics.Median(times), (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Runs * Each));
    }

    private static byte[] Write(CanonicalAnswer answer, Dialect dialect, bool asStream)
        => asStream ? AnswerWriters.ToStream(answer, dialect, includeUsage: true) : AnswerWriters.ToObject(answer, dialect);

    private static CanonicalAnswer Record(bool isStream)
    {
        const string Usage = "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":200,\"total_tokens\":207}";
        const string Head = "\"id\":\"chatcmpl-1\",\"created\":1700000000,\"model\":\"m\",";
        string body = isStream
            ? string.Concat(Enumerable.Range(0, 200).Select(i => $"data: {{{Head}\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"word{i} \"}},\"finish_reason\":null}}]}}\n\n"))
                + $"data: {{{Head}\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n"
                + $"data: {{{Head}\"object\":\"chat.completion.chunk\",\"choices\":[],{Usage}}}\n\ndata: [DONE]\n\n"
            : $"{{{Head}\"object\":\"chat.completion\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{string.Concat(Enumerable.Range(0, 200).Select(i => $"word{i} "))}\"}},\"finish_reason\":\"stop\"}}],{Usage}}}";
        return AnswerReaders.TryRead(new RecordedBody(Dialect.OpenAIChat, isStream, true, isStream ? "text/event-stream" : "application/json", Encoding.UTF8.GetBytes(body)))
            ?? throw new InvalidOperationException("The recording cannot be read.");
    }
}
