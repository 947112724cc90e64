/**
 * What a printed link carries behind the `#`. It never reaches the server or its log, and is taken out of the address
 * bar and the history at once.
 */
export function takeFragment(): URLSearchParams {
  const params = new URLSearchParams(window.location.hash.slice(1));
  if (window.location.hash !== '') {
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }
  return params;
}
