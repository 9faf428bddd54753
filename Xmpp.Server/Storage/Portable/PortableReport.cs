namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>What came of an export or an import.</summary>
public sealed class PortableReport
{
    /// <summary>The accounts written or read.</summary>
    public int Accounts { get; set; }

    /// <summary>Of those read, the ones that were not here before.</summary>
    public int NewAccounts { get; set; }

    /// <summary>Of the new ones, those that came without a password or keys: nobody can log in to them before one is set.</summary>
    public int AccountsWithoutPassword { get; set; }

    /// <summary>The pieces written, or the new ones kept, by the name of their element.</summary>
    public SortedDictionary<string, long> Pieces { get; } = new(StringComparer.Ordinal);

    /// <summary>The elements that nothing here understands, by name and namespace.</summary>
    public SortedDictionary<string, long> Ignored { get; } = new(StringComparer.Ordinal);

    /// <summary>What could not be kept.</summary>
    public int Faults { get; set; }

    /// <summary>Counts in one of the tables.</summary>
    internal static void Count(SortedDictionary<string, long> table, string name, long more = 1) => table[name] = table.GetValueOrDefault(name) + more;
}
