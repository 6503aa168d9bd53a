namespace CacheProxy.Exchange;

/// <summary>What may be done with one request. Entry decides; later stages only lower a flag, never raise it.</summary>
public sealed class CacheFlags
{
    public bool AllowLookup { get; private set; } = true;

    public bool AllowStore { get; private set; } = true;

    public bool AllowCollapse { get; private set; } = true;

    /// <summary>The first reason that lowered a flag.</summary>
    public BypassReason Reason { get; private set; }

    public void DenyLookup(BypassReason reason)
    {
        AllowLookup = false;
        Remember(reason);
    }

    public void DenyStore(BypassReason reason)
    {
        AllowStore = false;
        Remember(reason);
    }

    public void DenyCollapse(BypassReason reason)
    {
        AllowCollapse = false;
        Remember(reason);
    }

    public void DenyAll(BypassReason reason)
    {
        AllowLookup = AllowStore = AllowCollapse = false;
        Remember(reason);
    }

    private void Remember(BypassReason reason)
    {
        if (Reason == BypassReason.None)
        {
            Reason = reason;
        }
    }
}
