using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>A page of a real browser, whichever way it is driven.</summary>
public interface IPageScript : IAsyncDisposable
{
    /// <summary>The value of a JavaScript expression, awaited if it is a promise.</summary>
    Task<JsonElement> EvaluateAsync(string expression);

    /// <summary>What the page printed, for a failing test's output.</summary>
    string Console { get; }
}
