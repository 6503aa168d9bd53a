namespace CacheProxy.Inference.Scheduling;

/// <summary>What one tenant has had of the engine, as a virtual token counter.</summary>
internal sealed class TenantShare(string tenant)
{
    public string Tenant { get; } = tenant;

    /// <summary>Weighted tokens served, lifted on arrival so that idle time cannot be saved up.</summary>
    public double Served { get; set; }

    /// <summary>Requests in the engine.</summary>
    public int Requests { get; set; }

    /// <summary>Those of them that hold no blocks.</summary>
    public int Waiting { get; set; }
}
