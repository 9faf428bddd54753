using Microsoft.Extensions.DependencyInjection;
using Parley.tests.Lab;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The stores on a directory and a database of their own, or those of another.</summary>
internal sealed class TestStorage : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    // Only ever a directory that was made here.
    private readonly DirectoryInfo? _made;

    public TestStorage(StorageProvider provider = StorageProvider.Sqlite)
        : this(provider == StorageProvider.PostgreSql ? PostgreSqlCluster.Shared.MakeDatabase() : null)
    {
    }

    /// <summary>On that PostgreSQL database.</summary>
    public TestStorage(string? connectionString)
        : this(System.IO.Directory.CreateTempSubdirectory("parley-storage"), connectionString)
    {
    }

    /// <summary>As another process that uses the same settings: it owns nothing.</summary>
    public TestStorage(XmppServerSettings settings)
    {
        ServerSettings = settings;
        _services = new ServiceCollection().AddXmppStorage(settings).BuildServiceProvider();
    }

    private TestStorage(DirectoryInfo made, string? connectionString)
        : this(Settings(made.FullName, connectionString)) => _made = made;

    public XmppServerSettings ServerSettings { get; }

    public string Directory => ServerSettings.DataDirectory;

    public static XmppServerSettings Settings(string directory, string? connectionString = null) =>
        new(new ServerOptions { Domain = "one.test", Domains = ["two.test"], DataDirectory = directory }, new(), new(), new())
        {
            Storage = connectionString is null ? new() : new() { Provider = StorageProvider.PostgreSql, ConnectionString = connectionString },
        };

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _made?.Delete(recursive: true);
    }
}
