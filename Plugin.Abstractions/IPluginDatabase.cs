using System.Data.Common;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// The tables of a plugin, made by <see cref="IPluginBuilder.AddTables"/>, in the server's database: SQLite or PostgreSQL, so that statements keep to what both understand.
/// An account is its bare address as text; <c>REFERENCES accounts (account) ON DELETE CASCADE</c> lets a row go with its account.
/// </summary>
public interface IPluginDatabase
{
    /// <summary>Reads on a connection lent for the call.</summary>
    /// <exception cref="DbException">The database cannot be read.</exception>
    ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct = default);

    /// <summary>Writes in a transaction; durable when the task completes. Writes of several callers share a commit, one that throws undoes only itself.</summary>
    /// <remarks>The connection is the same object from one write of the plugin to its next, until one of them is undone; what a plugin remembers of its rows counts as long.</remarks>
    /// <param name="write">Has no effect but on the database: it may be called again, where another write of the same commit failed or the connection was lost.</param>
    /// <param name="ct">Ends the wait for a turn.</param>
    /// <exception cref="DbException">The database cannot be written. Nothing of this call was, unless the connection broke while it was being committed.</exception>
    ValueTask<T> WriteAsync<T>(Func<DbConnection, T> write, CancellationToken ct = default);
}
