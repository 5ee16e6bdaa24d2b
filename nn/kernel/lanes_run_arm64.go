package kernel

import "unsafe"

func lanesChainSIMD(sum *[8]float32, w unsafe.Pointer, step int, x unsafe.Pointer, n int) bool {
	if n == 0 || !simd() {
		return false
	}
	lanesChainNEON(&sum[0], (*float32)(w), (*float32)(x), n, step)
	return true
}

func lanesProductsSIMD(sum *[8]float32, x unsafe.Pointer, stepX int, y unsafe.Pointer, stepY, n int) bool {
	if n == 0 || !simd() {
		return false
	}
	lanesProductsNEON(&sum[0], (*float32)(x), (*float32)(y), n, stepX, stepY)
	return true
}
