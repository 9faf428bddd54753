using System.Data.Common;
using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Opens the tables of plugins.</summary>
public interface IPluginDatabases
{
    /// <summary>Brings a plugin's schema up to date.</summary>
    /// <param name="plugin">The plugin's name.</param>
    /// <param name="steps">Its schema, version by version (see <see cref="IPluginBuilder.AddTables"/>).</param>
    /// <exception cref="StartFailureException">A newer version of the plugin wrote the tables, or a step fails.</exception>
    IPluginDatabase Open(string plugin, IReadOnlyList<string> steps);
}

/// <summary>The tables of plugins in the server's own database: what is written together is committed together.</summary>
internal sealed class PluginDatabases(Database database) : IPluginDatabases
{
    /// <inheritdoc/>
    public IPluginDatabase Open(string plugin, IReadOnlyList<string> steps)
    {
        var engine = database.Engine;
        using var connection = engine.Open();
        try
        {
            Migrator.Run(
                engine,
                connection,
                $"the schema of the plugin {plugin}",
                steps,
                c => c.QueryFirstOrDefault<int>("SELECT version FROM plugin_schemas WHERE plugin = @plugin", new { plugin }),
                (c, version) => c.Execute("INSERT INTO plugin_schemas (plugin, version) VALUES (@plugin, @version) ON CONFLICT (plugin) DO UPDATE SET version = @version", new { plugin, version }));
        }
        catch (DbException e)
        {
            throw new StartFailureException(engine.Key, $"the tables of the plugin {plugin} cannot be made ({e.Message}).", e);
        }

        return new Tables(database);
    }

    private sealed class Tables(Database database) : IPluginDatabase
    {
        public ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct = default) => database.ReadAsync(read, ct);

        public ValueTask<T> WriteAsync<T>(Func<DbConnection, T> write, CancellationToken ct = default) => database.WriteAsync(this, write, ct);
    }
}
