namespace CacheProxy.Exchange;

/// <summary>
/// One number per namespace that is part of every fingerprint in it: raising it makes all that is stored there unreachable at once, without
/// touching a store. Does no I/O.
/// </summary>
public interface INamespaceEpochs
{
    /// <summary>0 for a namespace that was never bumped. Only ever rises.</summary>
    /// <param name="space">Empty: the common one.</param>
    int Of(string space);
}
