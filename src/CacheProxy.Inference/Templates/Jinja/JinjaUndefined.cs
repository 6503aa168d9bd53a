namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>What a name or attribute that does not exist evaluates to: false, empty, and an error where a value is needed.</summary>
/// <param name="Id">What was looked for.</param>
internal sealed record JinjaUndefined(string Id);
