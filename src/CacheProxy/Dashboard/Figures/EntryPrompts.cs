using System.Collections.Concurrent;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.Tenancy;

namespace CacheProxy.Dashboard.Figures;

/// <summary>What is still known of the prompts that ledger rows name by their entries.</summary>
internal sealed class EntryPrompts(EntryBook book, SemanticStage stage, TenantNames names, TimeProvider time)
{
    // Each is a look-up of a store, perhaps across the network; a page names 200 of them at most.
    private const int AtOnce = 16;

    // What has not come by then is shown by its id.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Entries that are gone are left out, and so is what the stores cannot say now; a role below the admin's sees no question.</summary>
    /// <param name="ids">Ids of entries, or their fingerprints as hex: a near miss is noted by that.</param>
    public async Task<IReadOnlyDictionary<string, PromptView>> FindAsync(IEnumerable<string> ids, AdminRole role, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<string, CacheEntry>(StringComparer.Ordinal);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await Parallel.ForEachAsync(ids.Distinct(StringComparer.Ordinal), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = either.Token }, async (id, token) =>
            {
                if (await FindAsync(id, token).WaitAsync(token) is { } entry)
                {
                    found[id] = entry;
                }
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // As many as came in time.
        }

        KeyValuePair<string, CacheEntry>[] entries = [.. found];
        IReadOnlyDictionary<Fingerprint256, string> questions = role == AdminRole.Admin
            ? await stage.FindQuestionsAsync([.. entries.Select(pair => pair.Value.Fingerprint).Distinct()], cancellationToken)
            : new Dictionary<Fingerprint256, string>();
        DateTimeOffset now = time.GetUtcNow();
        return entries.ToDictionary(
            pair => pair.Key,
            pair => new PromptView(
                pair.Value.Id, names.NameOfScope(pair.Value.Scope), pair.Value.Model, pair.Value.Namespace, pair.Value.Tags, pair.Value.CreatedAt, pair.Value.IsFresh(now), questions.GetValueOrDefault(pair.Value.Fingerprint))
            {
                Fingerprint = pair.Value.Fingerprint,
            },
            StringComparer.Ordinal);
    }

    private async Task<CacheEntry?> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            EntrySelector selector = Fingerprint256.TryParse(id, out Fingerprint256 fingerprint) ? new EntrySelector { Fingerprint = fingerprint } : new EntrySelector { Id = id };
            (_, List<CacheEntry> entries) = await book.ReadPageAsync(selector, after: null, limit: 1, cancellationToken);
            return entries.Count > 0 ? entries[0] : null;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A store that is away takes the names of prompts with it, not the figures.
            return null;
        }
    }
}
