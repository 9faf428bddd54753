using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub;

/// <summary>Who may make nodes at the service for everybody.</summary>
public enum CreateBy
{
    /// <summary>Accounts of this server.</summary>
    Accounts,

    /// <summary>Those named by <see cref="PubSubOptions.Admins"/>.</summary>
    Admins,

    /// <summary>Anybody who reaches it, people on other servers too; no guests.</summary>
    Anyone,
}

/// <summary>The section <c>Plugins:PubSub</c>.</summary>
public sealed class PubSubOptions
{
    /// <summary>Whether there is a service for everybody too, at <c>pubsub.</c> and the domain, or where the key <c>Domain</c> says. The host reads it as well.</summary>
    public bool Service { get; set; } = true;

    /// <summary>Who may make nodes at that service.</summary>
    public CreateBy CreateBy { get; set; } = CreateBy.Accounts;

    /// <summary>Bare addresses that own every node of that service.</summary>
    public IList<string> Admins { get; init; } = [];

    /// <summary>The most nodes that one address made at that service; admins make as many as they like.</summary>
    public int NodesPerAccount { get; set; } = 50;

    /// <summary>The most nodes of that service.</summary>
    public int ServiceNodes { get; set; } = 10_000;

    /// <summary>The most bytes of payloads that it keeps.</summary>
    public long ServiceBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>The most nodes of one account.</summary>
    public int MaxNodes { get; set; } = 500;

    /// <summary>The most items of one node: what <c>max</c> means as <c>pubsub#max_items</c>.</summary>
    public int MaxItems { get; set; } = 1000;

    /// <summary>The largest payload, in bytes of UTF-8.</summary>
    public int MaxItemBytes { get; set; } = 256 * 1024;

    /// <summary>The most bytes of payloads that one account keeps, and likewise all nodes that one address made at the service.</summary>
    public long MaxBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>The most subscriptions and affiliations of one node.</summary>
    public int MaxPeople { get; set; } = 1000;

    /// <summary>Whether somebody owns every node of the service.</summary>
    public bool IsAdmin(Jid who) => Admins.Any(a => Jid.TryParse(a, out var admin) && admin == who.Bare);

    /// <summary>Whether somebody who is no admin may make nodes there.</summary>
    public bool MayCreate(SenderKind kind) => CreateBy switch
    {
        CreateBy.Accounts => kind == SenderKind.Account,
        CreateBy.Anyone => kind != SenderKind.Guest,
        _ => false,
    };

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(PubSubOptions options)
    {
        if (options.MaxNodes is < 1 or > 1_000_000) yield return "MaxNodes: must be between 1 and 1000000";
        if (options.MaxItems is < 1 or > 100_000) yield return "MaxItems: must be between 1 and 100000";
        if (options.MaxItemBytes is < 1024 or > 8 * 1024 * 1024) yield return "MaxItemBytes: must be between 1024 and 8388608";
        if (options.MaxBytes is < 65536 or > 1L << 40) yield return "MaxBytes: must be between 65536 and 1099511627776";
        if (!Enum.IsDefined(options.CreateBy)) yield return "CreateBy: must be accounts, admins or anyone";
        foreach (var wrong in options.Admins.Where(a => !Jid.TryParse(a, out var jid) || !jid.IsBare)) yield return $"Admins: \"{wrong}\" is not an address such as admin@example.org";
        if (options.NodesPerAccount is < 1 or > 1_000_000) yield return "NodesPerAccount: must be between 1 and 1000000";
        if (options.ServiceNodes is < 1 or > 1_000_000) yield return "ServiceNodes: must be between 1 and 1000000";
        if (options.ServiceBytes is < 65536 or > 1L << 40) yield return "ServiceBytes: must be between 65536 and 1099511627776";
        if (options.MaxPeople is < 1 or > 100_000) yield return "MaxPeople: must be between 1 and 100000";
    }
}
