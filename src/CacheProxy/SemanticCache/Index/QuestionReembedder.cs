using System.Security.Cryptography;
using CacheProxy.Observability;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// After a change of models, makes the stored questions findable again: oldest first, at a bounded rate, behind the requests. What is left is
/// what the file says is left, so that a restart goes on where it was. An embedder that fails is waited for; a question that it alone fails
/// on stays for the next start. Where only the verifier changed, the vectors are kept.
/// </summary>
/// <param name="embedder">Of what is stored; may take its time.</param>
/// <param name="perSecond">Questions embedded in a second at most.</param>
public sealed partial class QuestionReembedder(
    PersistentVectorIndex index,
    IEmbedder embedder,
    SemanticPartition partition,
    int perSecond,
    EmbedderMetrics metrics,
    TimeProvider time,
    ILogger<QuestionReembedder> logger) : BackgroundService
{
    private const int PageSize = 64;
    private const int MaximumTries = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private DateTimeOffset _nextDue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await index.Loaded.WaitAsync(stoppingToken);
            long waiting = await index.CountStaleAsync(stoppingToken);
            metrics.Reembedding(waiting);
            if (waiting > 0)
            {
                Log.Begun(logger, waiting, perSecond);
                await RunAsync(stoppingToken);
                Log.Ended(logger, await index.CountStaleAsync(stoppingToken));
            }
        }
        catch (IOException exception)
        {
            // The index has said already that its file cannot be used.
            Log.GivenUp(logger, exception);
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        long after = 0;
        while (await index.ReadStaleAsync(after, PageSize, stoppingToken) is { Count: > 0 } page)
        {
            foreach (StaleQuestion stale in page)
            {
                after = stale.Id;
                if (await TryVectorAsync(stale, stoppingToken) is { } vector)
                {
                    await PutAsync(stale, vector, stoppingToken);
                }
            }
        }
    }

    private async Task PutAsync(StaleQuestion stale, ReadOnlyMemory<float> vector, CancellationToken stoppingToken)
    {
        if (vector.IsEmpty)
        {
            await index.DropStaleAsync(stale.Id, stoppingToken);
            metrics.Reembedded(succeeded: false);
            return;
        }

        var question = new IndexedQuestion(
            partition.Derive(stale.Source, ScriptDetector.Detect(IndexedText.QuestionOf(stale.Text))), stale.Fingerprint, stale.Text, stale.UsableUntil)
        { Source = stale.Source };
        metrics.Reembedded(await index.ReplaceStaleAsync(stale.Id, question, vector, stoppingToken));
    }

    // Empty: the question is of no use any more. Null: it stays as it is.
    private async Task<ReadOnlyMemory<float>?> TryVectorAsync(StaleQuestion stale, CancellationToken stoppingToken)
    {
        if (stale.Text.Length == 0 || stale.UsableUntil <= time.GetUtcNow())
        {
            return ReadOnlyMemory<float>.Empty;
        }

        if (stale.Vector is { } kept && stale.Models.StartsWith(embedder.Fingerprint + "/", StringComparison.Ordinal))
        {
            return kept;
        }

        TimeSpan pause = FirstPause;
        for (int tries = 0; ; tries++)
        {
            await PaceAsync(stoppingToken);
            try
            {
                Embedding embedding = await embedder.EmbedAsync(IndexedText.QuestionOf(stale.Text), stoppingToken);
                return embedding.IsTruncated ? ReadOnlyMemory<float>.Empty : embedding.Vector;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, stale.Fingerprint.ToShortString(), exception.Message);
                if (tries + 1 >= MaximumTries && await IsWellAsync(stoppingToken))
                {
                    return null;
                }

                await Task.Delay(pause, time, stoppingToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    // Another text tells a question that cannot be embedded from an embedder that cannot embed; no memory of vectors knows it.
    private async Task<bool> IsWellAsync(CancellationToken stoppingToken)
    {
        try
        {
            await embedder.EmbedAsync($"Is anybody there? {RandomNumberGenerator.GetHexString(8)}", stoppingToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task PaceAsync(CancellationToken stoppingToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_nextDue > now)
        {
            await Task.Delay(_nextDue - now, time, stoppingToken);
        }

        _nextDue = (_nextDue > now ? _nextDue : now) + TimeSpan.FromSeconds(1.0 / perSecond);
    }

    private static partial class Log
    {
        [LoggerMessage(515, LogLevel.Information, "The models have changed: {Count} stored questions are embedded again, at most {PerSecond} a second", EventName = "ReembeddingBegun")]
        public static partial void Begun(ILogger logger, long count, int perSecond);

        [LoggerMessage(516, LogLevel.Information, "The stored questions are embedded again; {Left} could not be", EventName = "ReembeddingEnded")]
        public static partial void Ended(ILogger logger, long left);

        [LoggerMessage(517, LogLevel.Warning, "The stored questions of the former models are not embedded again: their file cannot be used", EventName = "ReembeddingGivenUp")]
        public static partial void GivenUp(ILogger logger, Exception exception);

        [LoggerMessage(518, LogLevel.Debug, "The question of entry {Fingerprint} was not embedded again: {Cause}", EventName = "ReembeddingFailed")]
        public static partial void Failed(ILogger logger, string fingerprint, string cause);
    }
}
