using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Blocking;

/// <summary>The section <c>Plugins:Blocking</c>.</summary>
public sealed class BlockingOptions
{
    /// <summary>Addresses that one account may block.</summary>
    public int MaxItems { get; set; } = 1000;

    /// <summary>Reports (XEP-0377) that are taken from one account in 24 hours; what it blocks beyond that is blocked without one.</summary>
    public int ReportsPerDay { get; set; } = 20;

    /// <summary>Addresses that receive a message for each report.</summary>
    public IList<string> ReportsTo { get; init; } = [];

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(BlockingOptions options)
    {
        if (options.MaxItems is < 1 or > 100_000) yield return "MaxItems: must be between 1 and 100000.";
        if (options.ReportsPerDay is < 0 or > 10_000) yield return "ReportsPerDay: must be between 0 and 10000.";
        if (options.ReportsTo.Count > 20) yield return "ReportsTo: must be at most 20.";
        for (var i = 0; i < options.ReportsTo.Count; i++)
        {
            if (!Jid.TryParse(options.ReportsTo[i], out _)) yield return $"ReportsTo:{i}: must be an address, such as admin@example.org.";
        }
    }
}
