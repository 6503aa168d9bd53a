using System.ComponentModel.DataAnnotations;

namespace CacheProxy.PrefixTag;

/// <summary>Whether prompts are tagged with the id of their reusable part. Section <c>Prefix</c>.</summary>
public sealed class PrefixOptions
{
    public const string Section = "Prefix";

    /// <summary>False: no prefix id is computed, sent or returned. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Upstreams that know CacheProxy, and vLLM, get a salt per scope with every request, with or without tags, so that no tenant can tell from the speed of an answer what another asked.
    /// False: tenants share computed prompts. Default true.
    /// </summary>
    public bool IsolateScopes { get; set; } = true;

    /// <summary>
    /// Ends of turns that are remembered for each upstream, about 60 bytes each, to tell how much of a prompt its prefix cache will have. Default 100,000; more are needed where
    /// more turns come again within minutes. 0: nothing is predicted.
    /// </summary>
    [Range(0, 10_000_000)]
    public int RememberedTurns { get; set; } = 100_000;
}
