using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>The last word on a candidate. Safe to call from many threads; decides from memory, in microseconds.</summary>
public interface ISemanticPolicy
{
    string Name { get; }

    PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence);

    /// <summary>A request is about to be looked up, whether or not it finds a candidate.</summary>
    /// <param name="scope">Its entry is not known yet.</param>
    void NoteRequest(in PolicyScope scope)
    {
    }

    /// <summary>Requests of the scope are not looked up.</summary>
    bool IsOff(in PolicyScope scope) => false;

    /// <summary>The scope's hits were wrong too often: it gets exact ones only.</summary>
    bool IsExactOnly(in PolicyScope scope) => false;

    /// <summary>The last step before a candidate that the policy would serve is served.</summary>
    /// <returns>False: since the verdict others have used up what it rested on; it is not served.</returns>
    bool TryServe(in PolicyScope scope, in PolicyVerdict verdict) => true;
}
