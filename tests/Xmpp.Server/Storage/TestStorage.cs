using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The stores on a directory of their own.</summary>
internal sealed class TestStorage : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly bool _isOwner;

    public TestStorage(string? directory = null)
    {
        _isOwner = directory is null;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("parley-storage").FullName;
        _services = new ServiceCollection().AddXmppStorage(Settings(Directory)).BuildServiceProvider();
    }

    public string Directory { get; }

    public static XmppServerSettings Settings(string directory) => new(new ServerOptions { Domain = "one.test", Domains = ["two.test"], DataDirectory = directory }, new(), new(), new());

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_isOwner) System.IO.Directory.Delete(Directory, recursive: true);
    }
}
