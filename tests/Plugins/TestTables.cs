using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.tests.Lab;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Plugins;

/// <summary>The server's own database in a directory of its own, with a plugin's tables; where nothing else is asked for, on what <c>PARLEY_TEST_STORAGE</c> says: <c>Sqlite</c> or <c>PostgreSql</c>.</summary>
internal sealed class TestTables : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Scratch _scratch = new();

    public TestTables(string plugin, params string[] steps)
        : this(Environment.GetEnvironmentVariable("PARLEY_TEST_STORAGE") == nameof(StorageProvider.PostgreSql) ? StorageProvider.PostgreSql : StorageProvider.Sqlite, plugin, steps)
    {
    }

    public TestTables(StorageProvider provider, string plugin, params string[] steps)
    {
        var settings = new XmppServerSettings(new ServerOptions { Domain = "one.test", DataDirectory = _scratch.Path }, new(), new(), new())
        {
            Storage = provider == StorageProvider.Sqlite ? new() : new() { Provider = provider, ConnectionString = PostgreSqlCluster.Shared.MakeDatabase() },
        };
        _services = new ServiceCollection().AddXmppStorage(settings).BuildServiceProvider();
        Database = _services.GetRequiredService<IPluginDatabases>().Open(plugin, steps);
    }

    /// <summary>The plugin's tables.</summary>
    public IPluginDatabase Database { get; }

    /// <summary>A store or the administration of accounts.</summary>
    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Adds accounts.</summary>
    public async Task<TestTables> WithAsync(params Jid[] accounts)
    {
        foreach (var account in accounts) await Get<IAccountAdministration>().AddAsync(account, "secret", TestContext.Current.CancellationToken);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _scratch.Dispose();
    }
}
