using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Admin;

/// <summary>The section <c>Plugins:Admin</c>.</summary>
public sealed class AdminOptions
{
    /// <summary>The accounts that may administer; they administer every served domain.</summary>
    public IList<string> Accounts { get; init; } = [];

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(AdminOptions options)
    {
        if (options.Accounts.Count > 100) yield return "Accounts: must be at most 100.";
        for (var i = 0; i < options.Accounts.Count; i++)
        {
            if (!Jid.TryParse(options.Accounts[i], out var jid) || jid.Local is null || !jid.IsBare) yield return $"Accounts:{i}: must be an account, such as admin@example.org.";
        }
    }
}
