using System.Data.Common;
using Dapper;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Brings a schema up to date: all missing steps in one transaction, so that a step that fails leaves what was there.</summary>
internal static class Migrator
{
    /// <summary>Runs the steps from the version that is there.</summary>
    /// <param name="engine">The database.</param>
    /// <param name="connection">A connection without a transaction.</param>
    /// <param name="subject">What the schema is of, for messages.</param>
    /// <param name="steps">The schema, version by version.</param>
    /// <param name="read">Reads the version, inside the transaction.</param>
    /// <param name="write">Notes the version.</param>
    /// <exception cref="StartFailureException">A newer version of this program wrote the schema.</exception>
    /// <exception cref="DbException">A step fails.</exception>
    public static void Run(DatabaseEngine engine, DbConnection connection, string subject, IReadOnlyList<string> steps, Func<DbConnection, int> read, Action<DbConnection, int> write)
    {
        connection.Execute(engine.BeginMigration);
        try
        {
            var version = read(connection);
            if (version > steps.Count) throw new StartFailureException(engine.Key, $"{subject} was written by a newer version of this program (schema {version}; this one knows {steps.Count}).");
            foreach (var step in steps.Skip(version)) connection.Execute(engine.Translate(step));
            if (version < steps.Count) write(connection, steps.Count);
            connection.Execute("COMMIT");
        }
        catch
        {
            engine.Rollback(connection);
            throw;
        }
    }
}
