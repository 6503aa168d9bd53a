using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;

namespace CacheProxy.Dashboard.Figures;

/// <summary>What is still known of the prompts that ledger rows name by their entries.</summary>
internal sealed class EntryPrompts(EntryBook book, SemanticStage stage, TimeProvider time)
{
    /// <summary>Entries that are gone are left out, and so is what the stores cannot say now; a role below the admin's sees no question.</summary>
    /// <param name="ids">Ids of entries, or their fingerprints as hex: a near miss is noted by that.</param>
    public async Task<IReadOnlyDictionary<string, PromptView>> FindAsync(IEnumerable<string> ids, AdminRole role, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, PromptView>(StringComparer.Ordinal);
        foreach (string id in ids.Distinct(StringComparer.Ordinal))
        {
            if (await FindAsync(id, role, cancellationToken) is { } prompt)
            {
                found[id] = prompt;
            }
        }

        return found;
    }

    private async Task<PromptView?> FindAsync(string id, AdminRole role, CancellationToken cancellationToken)
    {
        try
        {
            EntrySelector selector = Fingerprint256.TryParse(id, out Fingerprint256 fingerprint) ? new EntrySelector { Fingerprint = fingerprint } : new EntrySelector { Id = id };
            (_, List<CacheEntry> entries) = await book.ReadPageAsync(selector, after: null, limit: 1, cancellationToken);
            if (entries is not [var entry])
            {
                return null;
            }

            string? question = role == AdminRole.Admin ? await stage.FindQuestionAsync(entry.Fingerprint, cancellationToken) : null;
            return new PromptView(entry.Id, entry.Model, entry.Namespace, entry.Tags, entry.CreatedAt, entry.IsFresh(time.GetUtcNow()), question) { Fingerprint = entry.Fingerprint };
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A store that is away takes the names of prompts with it, not the figures.
            return null;
        }
    }
}
