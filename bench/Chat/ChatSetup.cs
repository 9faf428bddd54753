namespace Parley.bench.Chat;

/// <summary>Where messages are archived (XEP-0313), each on the disk when it is stored.</summary>
internal enum ChatArchive
{
    /// <summary>Nowhere.</summary>
    None,
    /// <summary>In an SQLite file, flushed at each commit.</summary>
    Sqlite,
    /// <summary>In a PostgreSQL of the benchmark's own, with the durability that it has by default: a commit is on the disk.</summary>
    PostgreSql,
}

/// <summary>How a server is set up.</summary>
/// <param name="Accounts">How many accounts it has.</param>
/// <param name="Archive">Where it archives messages.</param>
/// <param name="HasTls">Whether clients come by STARTTLS.</param>
internal sealed record ChatSetup(int Accounts, ChatArchive Archive = ChatArchive.None, bool HasTls = false);
